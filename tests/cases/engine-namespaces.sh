# topic: device and sockets in different namespaces, namespaces that go, a device that goes under load, and one whose maker is killed
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run

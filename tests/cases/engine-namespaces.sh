# topic: device and sockets in different namespaces, namespaces that go, and a device that goes under load
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run

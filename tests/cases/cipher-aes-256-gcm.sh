# topic: AES-256-GCM against userspace OpenVPN and between two kernels
# kernels: first
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/cipher.sh
cipher_case AES-256-GCM

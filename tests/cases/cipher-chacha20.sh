# topic: CHACHA20-POLY1305 against userspace OpenVPN and between two kernels
# kernels: first
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/cipher.sh
cipher_case CHACHA20-POLY1305

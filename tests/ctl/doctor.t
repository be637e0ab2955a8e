#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# What doctor finds: on hosts made of files, one thing wrong at a time, and in tunnels made up. Each finding has its
# name, a way to fix it, and the right exit status; the JSON is what docs/json.md says.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use JSON::PP;
use Test::More;
use ToolTest qw(root scratch sources build compile run need @sanitizers);

need(qw(make gcc pkg-config openssl xz));
my $dir = scratch();
my $tool = build() . '/ovpn-mptcp-ctl';
my $sample = compile($dir, 'doctor_sample', 'gcc', @sanitizers,
	sources(qw(check_module check_signature check_openvpn check_congestion check_mptcp check_tunnels finding host process sdunit target
		print print_path print_findings output units names model address memory message file)));

open my $in, '<', root() . '/src/version.h' or die;
my ($version) = map { /OVPN_VERSION "(.*)"/ ? $1 : () } <$in>;
open $in, '<', root() . '/docs/json.md' or die;
my $doc = do { local $/; <$in> };
my ($section) = $doc =~ /^## doctor\n(.*?)(?=^## |\z)/ms or BAIL_OUT('docs/json.md has no section about doctor');
my %documented = map { $_ => 1 } $section =~ /^\| `findings\[\]\.(\w+)` /mg;
my %ids = map { $_ => 1 } $section =~ /^\| `([\w-]+)` \| \w/mg;

my $kernel = '6.1.0-9-amd64';
my $modules = "/lib/modules/$kernel";
my $efi = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';
my $magic = "~Module signature appended~\n";

# A module as the compiler leaves it, and as dkms signs it; each packed, too.
sub slurp { open my $in, '<:raw', $_[0] or die "$_[0]: $!"; local $/; return <$in> }
sub must { my ($status, undef, $err) = run(@_); BAIL_OUT("@_: $err") if $status }
{
	open my $out, '>', "$dir/ko.c" or die;
	print $out "static const char info[] __attribute__((section(\".modinfo\"), used)) = \"license=GPL\";\n";
}
must(qw(gcc -c -o), "$dir/ko", "$dir/ko.c");
must(qw(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=t -keyout), "$dir/mok.key", '-out', "$dir/mok.pem");
must(qw(openssl cms -sign -binary -noattr -nocerts -nosmimecap -md sha256 -outform DER -signer), "$dir/mok.pem", '-inkey', "$dir/mok.key",
	'-in', "$dir/ko", '-out', "$dir/signature");
my $signature = slurp("$dir/signature");
{
	open my $out, '>:raw', "$dir/signed" or die;
	# struct module_signature of the kernel: PKCS#7, and how long it is
	print $out slurp("$dir/ko"), $signature, pack('C5 x3 N', 0, 0, 2, 0, 0, length $signature), $magic;
}
must('xz', '-k', '--check=crc32', "$dir/$_") for qw(ko signed);
my %ko = map { ($_ => slurp("$dir/$_")) } qw(ko ko.xz signed signed.xz);
my $openvpn26 = "\x7fELF\0junkOpenVPN 2.7\0.ovpn\0ovpn-dco-v2\0\x01OpenVPN 2.6.14 x86_64-pc-linux-gnu [SSL (OpenSSL)] [DCO]\0";
# The linker lets one string be the end of another: the name of the family is part of the path.
my $openvpn27 = "\x7fELF\0/sys/module/ovpn\0ovpn-dco\0OpenVPN 2.7.8 x86_64-pc-linux-gnu [SSL (OpenSSL)] [AEAD] [DCO]\0";

# A host on which all is well: path => content; a path that ends with @ is a symbolic link.
my %healthy = (
	'/proc/modules' => "ip_tunnel 32768 0 - Live 0x0\novpn_dco_mptcp 131072 2 - Live 0x0 (OE)\n",
	'/sys/module/ovpn_dco_mptcp/version' => "$version\n",
	'/sys/module/ovpn_dco_mptcp/parameters/door_ovpn_dco_v2' => "Y\n",
	'/sys/module/ovpn_dco_mptcp/parameters/door_ovpn' => "Y\n",
	'/sys/module/ovpn_dco_mptcp/parameters/congestion' => "bbr\n",
	'/proc/sys/net/ipv4/tcp_congestion_control' => "cubic\n",
	'/proc/sys/net/ipv4/tcp_available_congestion_control' => "reno cubic bbr\n",
	'/usr/sbin/openvpn' => $openvpn26,
	'/usr/lib/modprobe.d/ovpn-dco-mptcp.conf' => "# comment\nblacklist ovpn\n",
	'/proc/sys/net/mptcp/enabled' => "1\n",
	'/proc/sys/net/mptcp/pm_type' => "0\n",
	'/proc/sys/net/mptcp/scheduler' => "default\n",
	'/proc/sys/net/ipv4/tcp_rmem' => "4096\t131072\t6291456\n",
	'/proc/sys/net/ipv4/tcp_wmem' => "4096\t16384\t4194304\n",
	'/proc/self/ns/net@' => 'net:[1]',
	'/proc/17/comm' => "openvpn\n",
	'/proc/17/ns/net@' => 'net:[1]',
);
# The same before the module was loaded.
my %unloaded = (
	%healthy,
	'/proc/modules' => "ip_tunnel 32768 0 - Live 0x0\n",
	'/proc/17/comm' => "bash\n",
	map({ ($_ => undef) } grep { m{^/sys/module/ovpn} } keys %healthy),
	"$modules/modules.dep" => "kernel/net/ovpn-dco-mptcp-not.ko:\nupdates/dkms/ovpn-dco-mptcp.ko: kernel/net/x.ko\n",
	"$modules/updates/dkms/ovpn-dco-mptcp.ko" => $ko{ko},
);
my @all = qw(ovpn-dco-mptcp ovpn-dco-v2 ovpn);

# Makes the host and asks; returns status and findings.
sub examine {
	my ($files, $tunnels, @families) = @_;
	my $at = "$dir/host";
	remove_tree($at);
	for my $path (grep { defined $files->{$_} } keys %$files) {
		my $file = $at . $path =~ s/\@\z//r;
		make_path(dirname($file));
		if ($path =~ /\@\z/) {
			symlink $files->{$path}, $file or die;
			next;
		}
		open my $out, '>:raw', $file or die "$file: $!";
		print $out $files->{$path};
		close $out or die;
	}
	my ($status, $out, $err) = run($sample, 'files', $at, $kernel, $tunnels, @families);
	diag($err) if $err;
	return ($status, decode_json($out));
}

# Every finding as documented.
sub check_form {
	my ($name, $data) = @_;
	my @wrong = grep {
		my $finding = $_;
		my $bad = $finding->{level} =~ /^(?:problem|advice)$/;
		!$ids{$finding->{id}} || grep({ !$documented{$_} } keys %$finding) || !length $finding->{text} ||
			($bad && !length($finding->{fix} // '') && $finding->{id} ne 'peer-no-socket');
	} @{$data->{findings}};
	ok(!@wrong, "$name: findings as documented, with a way to fix what is bad") or diag(explain(\@wrong));
	is($data->{problems}, scalar(grep { $_->{level} eq 'problem' } @{$data->{findings}}), "$name: problems are counted");
}
sub of_level { join ' ', map { $_->{id} } grep { $_->{level} =~ $_[1] } @{$_[0]{findings}} }

my ($status, $data) = examine(\%healthy, 1, @all);
is($status, 0, 'healthy: status');
is(of_level($data, qr/problem|advice|unseen/), '', 'healthy: nothing to complain of');
is(of_level($data, qr/good/), 'module-loaded door-open door-open openvpn congestion mptcp', 'healthy: what is good');
is($data->{schema}, 1, 'schema');
check_form('healthy', $data);
like($_->{text}, qr/OpenVPN 2\.6\.14, \/usr\/sbin\/openvpn, uses the module: it asks for ovpn-dco-v2/, 'version of OpenVPN')
	for grep { $_->{id} eq 'openvpn' } @{$data->{findings}};

my $enforce = { $efi => "\6\0\0\0\1" };
my $signed = { %$enforce, "$modules/updates/dkms/ovpn-dco-mptcp.ko" => $ko{signed}, '/var/lib/dkms/mok.pub' => 'CERTIFICATE' };
# As many distributions have it.
sub packed { return ("$modules/modules.dep" => "updates/dkms/ovpn-dco-mptcp.ko.xz:\n", "$modules/updates/dkms/ovpn-dco-mptcp.ko.xz" => $_[0]) }
# name, base, changes, status, problems and advice, what a fix must say, tunnels, families
my @cases = (
	['older module', \%healthy, { '/sys/module/ovpn_dco_mptcp/version' => "0.0.1\n" }, 2, 'module-version', qr/same version/],
	['older module is still loaded', \%healthy, { '/sys/module/ovpn_dco_mptcp/version' => "0.0.1\n",
		"/usr/src/ovpn-dco-mptcp-$version/dkms.conf" => '' }, 2, 'module-version', qr/modprobe -r/],
	['not loaded', \%unloaded, {}, 3, 'module-not-loaded', qr/^modprobe ovpn-dco-mptcp$/],
	['loading is forbidden', \%unloaded, { '/proc/sys/kernel/modules_disabled' => "1\n" }, 3, 'module-not-loaded', qr/modules_disabled=1/],
	['not in the index', \%unloaded, { "$modules/modules.dep" => "kernel/x.ko:\n" }, 3, 'module-not-indexed', qr/^depmod \Q$kernel\E/],
	['index without the file', \%unloaded, { "$modules/updates/dkms/ovpn-dco-mptcp.ko" => undef }, 3, 'module-missing', qr/ovpn-dco-mptcp-dkms/],
	['not here', \%unloaded, { "$modules/modules.dep" => undef, "$modules/updates/dkms/ovpn-dco-mptcp.ko" => undef },
		3, 'module-missing', qr/ovpn-dco-mptcp-dkms/],
	['no headers', \%unloaded, { "$modules/modules.dep" => '', "$modules/updates/dkms/ovpn-dco-mptcp.ko" => undef,
		'/usr/src/ovpn-dco-mptcp-0.9/dkms.conf' => '' }, 3, 'module-not-built', qr/linux-headers-\Q$kernel\E/],
	['build failed', \%unloaded, { "$modules/modules.dep" => '', "$modules/updates/dkms/ovpn-dco-mptcp.ko" => undef,
		"$modules/build/Makefile" => '', '/usr/src/ovpn-dco-mptcp-0.9/dkms.conf' => '',
		'/var/lib/dkms/ovpn-dco-mptcp/0.9/build/make.log' => '' }, 3, 'module-not-built', qr{/0\.9/build/make\.log}],
	['not built', \%unloaded, { "$modules/modules.dep" => '', "$modules/updates/dkms/ovpn-dco-mptcp.ko" => undef,
		"$modules/build/Makefile" => '', '/usr/src/ovpn-dco-mptcp-0.9/dkms.conf' => '' }, 3, 'module-not-built',
		qr{^dkms install ovpn-dco-mptcp/0\.9 -k \Q$kernel\E$}],
	['Secure Boot, unsigned', \%unloaded, $enforce, 3, 'module-not-loaded module-unsigned', qr/dkms sign it/],
	['Secure Boot, unsigned and packed', \%unloaded, { %$enforce, packed($ko{'ko.xz'}) }, 3, 'module-not-loaded module-unsigned', qr/dkms sign it/],
	['Secure Boot, signed and packed', \%unloaded, { %$signed, packed($ko{'signed.xz'}), '/sys/firmware/efi/mok-variables/MokListRT' => 'x' x 40 },
		3, 'module-not-loaded module-key', qr{mokutil --import /var/lib/dkms/mok\.pub}],
	['Secure Boot, not to be read', \%unloaded, { %$enforce, packed('no xz') }, 3, 'module-not-loaded', qr{^modinfo -F sig_id \Q$modules\E/updates/dkms/ovpn-dco-mptcp\.ko\.xz$}],
	['Secure Boot is off', \%unloaded, { $efi => "\6\0\0\0\0" }, 3, 'module-not-loaded', qr/modprobe/],
	['lockdown, unsigned', \%unloaded, { '/sys/kernel/security/lockdown' => "none [integrity] confidentiality\n" },
		3, 'module-not-loaded module-unsigned', qr/dkms/],
	['no lockdown', \%unloaded, { '/sys/kernel/security/lockdown' => "[none] integrity confidentiality\n" },
		3, 'module-not-loaded', qr/modprobe/],
	['sig_enforce, unsigned', \%unloaded, { '/sys/module/module/parameters/sig_enforce' => "Y\n" },
		3, 'module-not-loaded module-unsigned', qr/dkms/],
	['key not enrolled', \%unloaded, { %$signed, '/sys/firmware/efi/mok-variables/MokListRT' => 'x' x 40 },
		3, 'module-not-loaded module-key', qr{mokutil --import /var/lib/dkms/mok\.pub}],
	['key enrolled', \%unloaded, { %$signed, '/sys/firmware/efi/mok-variables/MokListRT' => "xxxCERTIFICATEyyy" },
		3, 'module-not-loaded', qr/modprobe/],
	['door is off', \%healthy, { '/sys/module/ovpn_dco_mptcp/parameters/door_ovpn_dco_v2' => "N\n" },
		2, 'door-off openvpn-door', qr/remove door_ovpn_dco_v2=N/, 1, 'ovpn-dco-mptcp', 'ovpn'],
	['a door that nobody wants is off', \%healthy, { '/sys/module/ovpn_dco_mptcp/parameters/door_ovpn' => "N\n" },
		0, 'door-off', qr/remove door_ovpn=N/, 1, 'ovpn-dco-mptcp', 'ovpn-dco-v2'],
	['door is taken', \%healthy, { '/proc/modules' => "ovpn_dco_mptcp 1 0 - Live\novpn_dco_v2 1 0 - Live\n" },
		2, 'door-taken openvpn-door', qr{^stop all tunnels, modprobe -r ovpn_dco_v2 .*; to keep it away: echo blacklist ovpn_dco_v2 >/etc/modprobe\.d/blacklist-ovpn_dco_v2\.conf$}],
	['door of 2.7 is taken', \%healthy, { '/proc/modules' => "ovpn_dco_mptcp 1 0 - Live\novpn 1 0 - Live\n", '/opt/bin/openvpn' => $openvpn27 },
		2, 'door-taken openvpn-door', qr{^stop all tunnels, modprobe -r ovpn ovpn-dco-mptcp && modprobe ovpn-dco-mptcp; modprobe\.d keeps ovpn away unless}],
	['door of 2.7 is taken, for our file has another one in its place', \%healthy, { '/proc/modules' => "ovpn_dco_mptcp 1 0 - Live\novpn 1 0 - Live\n",
		'/etc/modprobe.d/ovpn-dco-mptcp.conf' => '' }, 0, 'door-taken', qr{; to keep it away: echo blacklist ovpn >/etc/modprobe\.d/blacklist-ovpn\.conf$}],
	['door of 2.7 is taken, without our package', \%healthy, { '/proc/modules' => "ovpn_dco_mptcp 1 0 - Live\novpn 1 0 - Live\n",
		'/usr/lib/modprobe.d/ovpn-dco-mptcp.conf' => "#blacklist ovpn\nblacklist ovpn-other\n", '/etc/modprobe.d/not' => "blacklist ovpn\n" },
		0, 'door-taken', qr{; to keep it away: echo blacklist ovpn >/etc/modprobe\.d/blacklist-ovpn\.conf$}],
	['kept away in another way', \%healthy, { '/proc/modules' => "ovpn_dco_mptcp 1 0 - Live\novpn_dco_v2 1 0 - Live\n",
		'/etc/modprobe.d/mine.conf' => "  blacklist   ovpn-dco-v2 # mine" }, 2, 'door-taken openvpn-door', qr{; modprobe\.d keeps ovpn_dco_v2 away}],
	['door was taken', \%healthy, {}, 2, 'door-taken openvpn-door', qr/dmesg/, 1, 'ovpn-dco-mptcp', 'ovpn'],
	['door is built in', \%healthy, { "$modules/modules.builtin" => "kernel/drivers/net/ovpn/ovpn.ko\n" },
		0, 'door-taken', qr/another kernel/],
	['no door for OpenVPN 2.7', \%healthy, { '/sys/module/ovpn_dco_mptcp/parameters/door_ovpn' => undef,
		'/usr/sbin/openvpn' => $openvpn27 }, 2, 'openvpn-door', qr/has the door of OpenVPN 2\.7$/],
	['OpenVPN 2.7', \%healthy, { '/opt/bin/openvpn' => $openvpn27 }, 0, '', undef],
	['OpenVPN 2.7, and its door is off', \%healthy, { '/opt/bin/openvpn' => $openvpn27,
		'/sys/module/ovpn_dco_mptcp/parameters/door_ovpn' => "N\n" }, 2, 'door-off openvpn-door', qr/remove door_ovpn=N/],
	['OpenVPN without offload', \%healthy, { '/bin/openvpn' => "OpenVPN 2.5.1 x86_64 [SSL]\0" },
		2, 'openvpn-no-dco', qr/2\.6 or newer$/],
	['OpenVPN built without offload', \%healthy, { '/bin/openvpn' => "OpenVPN 2.6.1 x86_64 [SSL]\0" },
		2, 'openvpn-no-dco', qr/enable-dco/],
	['no OpenVPN', \%healthy, { '/usr/sbin/openvpn' => undef, '/proc/17/comm' => "bash\n" }, 0, '', undef],
	['OpenVPN in userspace', \%healthy, {}, 2, 'openvpn-userspace', qr/disable-dco/, 0, @all],
	['OpenVPN of another namespace', \%healthy, { '/proc/17/ns/net@' => 'net:[2]' }, 0, '', undef, 0, @all],
	['no MPTCP', \%healthy, { map { ($_ => undef) } grep { m{/net/mptcp/} } keys %healthy }, 4, 'mptcp-missing', qr/CONFIG_MPTCP/],
	['MPTCP is off', \%healthy, { '/proc/sys/net/mptcp/enabled' => "0\n" }, 4, 'mptcp-off', qr/sysctl -w net\.mptcp\.enabled=1/],
	['paths left to nobody', \%healthy, { '/proc/sys/net/mptcp/pm_type' => "1\n" }, 2, 'mptcp-pm', qr/pm_type=0/],
	['paths left to mptcpd', \%healthy, { '/proc/sys/net/mptcp/pm_type' => "1\n", '/proc/5/comm' => "mptcpd\n" }, 0, '', undef],
	['two managers', \%healthy, { '/proc/5/comm' => "mptcpd\n", '/proc/6/comm' => "NetworkManager\n" }, 2, 'managers', qr/mptcp-flags/],
	['one manager', \%healthy, { '/proc/6/comm' => "NetworkManager\n" }, 0, '', undef],
	['small buffers', \%healthy, { '/proc/sys/net/ipv4/tcp_rmem' => "4096\t131072\t1048576\n" }, 0, 'buffers', qr/net\.ipv4\.tcp_rmem=/],
);
for my $case (@cases) {
	my ($name, $base, $changes, $want, $ids, $fix, $tunnels, @families) = @$case;
	my ($status, $data) = examine({ %$base, %$changes }, $tunnels // 1, @families ? @families : @all);
	is(of_level($data, qr/problem|advice/), $ids, "$name: found") or diag(explain($data));
	is($status, $want, "$name: status");
	check_form($name, $data);
	next unless $fix;
	ok(scalar(grep { ($_->{fix} // '') =~ $fix } @{$data->{findings}}), "$name: what to do")
		or diag(map { ($_->{fix} // '') . "\n" } @{$data->{findings}});
}

# Congestion control: changes, what is found of it, and what its text and fix say.
my $available = '/proc/sys/net/ipv4/tcp_available_congestion_control';
my $parameter = '/sys/module/ovpn_dco_mptcp/parameters/congestion';
my $sysctl = '/proc/sys/net/ipv4/tcp_congestion_control';
my %unloaded_bbr = ($available => "reno cubic\n", "$modules/modules.dep" => "kernel/net/ipv4/tcp_bbr.ko.xz:\n",
	"$modules/kernel/net/ipv4/tcp_bbr.ko.xz" => 'xz');
my @congestions = (
	['there', {}, 'good:congestion', qr/control bbr, which the module is to give connections/],
	['up to the module', { $parameter => "auto\n", $available => "reno\n" }, 'good:congestion', qr/the module gives them its own/],
	['left alone', { $parameter => "none\n", $available => "reno\n" }, '', undef],
	['left alone, in another way', { $parameter => "\n", $available => "reno\n" }, '', undef],
	['an older module', { $parameter => undef, $available => "reno\n" }, '', undef],
	['not in this kernel', { $available => "reno cubic bbr2\n" }, 'advice:congestion-missing',
		qr{this kernel, \Q$kernel\E, does not have.*modprobe tcp_bbr.*echo tcp_bbr >/etc/modules-load\.d/tcp_bbr\.conf; or choose one of reno cubic bbr2: echo NAME >\Q$parameter\E$}],
	['another one that is not', { $parameter => "westwood\n" }, 'advice:congestion-missing', qr/modprobe tcp_westwood/],
	['not loaded', \%unloaded_bbr, 'note:congestion-unloaded', qr{modprobe tcp_bbr; .*echo tcp_bbr >/etc/modules-load\.d/tcp_bbr\.conf$}],
	['in the index, and gone', { %unloaded_bbr, "$modules/kernel/net/ipv4/tcp_bbr.ko.xz" => undef }, 'advice:congestion-missing', qr/modprobe tcp_bbr/],
	['loading is forbidden', { %unloaded_bbr, '/proc/sys/kernel/modules_disabled' => "1\n" }, 'advice:congestion-missing',
		qr{modules_disabled=1 forbids.*echo tcp_bbr >/etc/modules-load\.d}],
	['chosen by somebody', { $sysctl => "htcp\n", $available => "reno htcp\n" }, 'note:congestion-sysctl', qr/is htcp .* kernel's own cubic: .* congestion, now bbr, says/],
	['chosen by who built the kernel', { $sysctl => "htcp\n", "/boot/config-$kernel" => "# x\nCONFIG_X=y\nCONFIG_DEFAULT_TCP_CONG=\"htcp\"\n" }, 'good:congestion', qr/bbr/],
	['chosen against who built the kernel', { "$modules/config" => "#\nCONFIG_DEFAULT_TCP_CONG=\"bbr\"\n" }, 'note:congestion-sysctl', qr/is cubic .* own bbr/],
);
for my $case (@congestions) {
	my ($name, $changes, $expected, $says) = @$case;
	my ($status, $data) = examine({ %healthy, %$changes }, 1, @all);
	my @found = grep { $_->{id} =~ /^congestion/ } @{$data->{findings}};
	is(join(' ', map { "$_->{level}:$_->{id}" } @found), $expected, "congestion control $name: found");
	is($status, 0, "congestion control $name: the tunnel works all the same");
	check_form("congestion control $name", $data);
	like($found[0]{text} . ' ' . ($found[0]{fix} // ''), $says, "congestion control $name: what is said") if $says && @found;
}

# A service that is switched off on purpose is no fault.
my $masked = { '/etc/systemd/system/ovpn-mptcp-keep.service@' => '/dev/null' };
for my $case (['keep is masked', $masked, 1, 'keep-off'], ['keep is masked until the next start', { '/run/systemd/system/ovpn-mptcp-keep.service@' => '/dev/null' }, 1, 'keep-off'],
	['keep is masked, and there is no tunnel', $masked, 0, ''], ['keep is another', { '/etc/systemd/system/ovpn-mptcp-keep.service@' => '/etc/mine' }, 1, '']) {
	my ($name, $changes, $tunnels, $ids) = @$case;
	my ($status, $data) = examine({ %healthy, '/proc/17/comm' => "bash\n", %$changes }, $tunnels, @all);
	is(of_level($data, qr/problem|advice|note/), $ids, "$name: found");
	is($status, 0, "$name: status");
	check_form($name, $data);
}

# Tunnels: each peer has one thing wrong; a queue that overflows is a note, an unknown reason advice.
($status, my $out) = run($sample, 'tunnels');
$data = decode_json($out);
is($status, 5, 'tunnels: a fallback is the gravest');
is(join(' ', map { $_->{level} . ':' . $_->{id} } @{$data->{findings}}),
	'good:peer problem:peer-fallback problem:path-silent advice:peer-tcp advice:peer-no-socket note:drops problem:drops advice:drops ' .
	'problem:path-missing problem:path-silent good:peer problem:device-foreign advice:device-mtu advice:device-down advice:device-mtu good:peer', 'tunnels: found');
is($data->{findings}[10]{text}, 'peer 7 of tun0: udp, 1 path', 'tunnels: datagrams');
is(join(', ', map { $_->{fix} } grep { $_->{id} eq 'device-mtu' } @{$data->{findings}}), 'tun-mtu 1500 at both ends, tun-mtu 1280 at both ends',
	'tunnels: what a small MTU should become depends on what is below');
like($data->{findings}[6]{text}, qr/peer 5 of tun0 drops packets right now: rx_auth, 2 more/, 'drops are named and counted');
check_form('tunnels', $data);

# A tunnel without a peer: a word when a daemon is there that may wait in vain.
for my $case (['', 'device-no-peer'], ['of another namespace', ''], ['that is not there', '']) {
	my ($daemon, $ids) = @$case;
	examine({ %healthy, $daemon =~ /another/ ? ('/proc/17/ns/net@' => 'net:[2]') : (), $daemon =~ /not there/ ? ('/proc/17/comm' => "bash\n") : () },
		1, @all);
	(undef, $out) = run($sample, 'waiting', "$dir/host");
	$data = decode_json($out);
	is(of_level($data, qr/./), $ids, "a daemon $daemon and a tunnel without a peer");
	check_form("a daemon $daemon", $data);
	like($data->{findings}[0]{text} . $data->{findings}[0]{fix}, qr/tunnel tun0 has no peer, but OpenVPN holds it \(pid 17\).*persist-tun/, 'what it is and what to do') if $ids;
}

my %targets = ('a.b:1' => 'a.b 1', '[2001:db8::1]:1194' => '2001:db8::1 1194', '10.0.0.1:65535' => '10.0.0.1 65535',
	'a' => '-', ':1' => '-', 'a:' => '-', 'a:0' => '-', 'a:65536' => '-', 'a:123456' => '-', 'a:1x' => '-', '2001:db8::1:1194' => '-',
	'[]:1' => '-', '[a:1' => '-', 'a:-1' => '-', '' => '-', ('x' x 255) . ':1' => ('x' x 255) . ' 1', ('x' x 256) . ':1' => '-');
(undef, $out) = run($sample, 'targets', sort keys %targets);
is_deeply([split /\n/, $out], [map { $targets{$_} } sort keys %targets], 'HOST:PORT');

# The tool itself, on this machine: whatever it finds, it says it in both ways, and changes nothing.
($status, $out, my $err) = run($tool, qw(doctor --json));
$data = decode_json($out);
check_form('this machine', $data);
SKIP: {
	skip 'the module is loaded on this machine', 2 if -e '/sys/module/ovpn_dco_mptcp';
	is($status, 3, 'this machine: no module');
	like(of_level($data, qr/problem/), qr/^module-/, 'this machine: says so first');
}
my ($text_status, $text) = run($tool, 'doctor');
is($text_status, $status, 'text has the same status');
is(scalar(() = $text =~ /^problem /mg), $data->{problems}, 'text has as many problems');
unlike($text, qr/\e/, 'no colour without a terminal');
($status, undef, $err) = run(qw(valgrind -q --error-exitcode=99 --leak-check=full), $tool, qw(doctor --probe 127.0.0.1:1));
isnt($status, 99, 'valgrind') or diag($err);

done_testing();

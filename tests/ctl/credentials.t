#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Pre-shared keys, certificates and fingerprints as people and systemd provide them: what is taken, and
# that every refusal is one line that says what was expected, and never what the file holds.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(scratch sources compile run need @sanitizers);

need(qw(gcc pkg-config openssl mkfifo));
my $dir = scratch();
my @sources = sources(qw(credentials message digits file));
my $sample = compile($dir, 'credentials_sample', 'gcc', @sanitizers, @sources);
my $tool = 'ovpn-mptcp-ctl: attach:';

sub put {
	my ($name, $text, $mode) = @_;
	open my $out, '>:raw', "$dir/$name" or die;
	print $out $text;
	close $out or die;
	chmod $mode // 0600, "$dir/$name" or die;
	return "$dir/$name";
}

sub takes {
	my ($what, $expected, @words) = @_;
	my ($status, $out, $err) = run($sample, @words);
	is($status, 0, "takes $what") or diag($err);
	is($out, "$expected\n", "... and what it says");
}

# Secrets that no message may repeat.
my $hex = join '', map { sprintf '%02x', ($_ * 37 + 11) & 255 } 0 .. 31;
my @secrets = ($hex, substr($hex, 8, 16), uc $hex);

sub refuses {
	my ($what, $expected, @words) = @_;
	my ($status, $out, $err) = run($sample, @words);
	is($status, 1, "refuses $what");
	is($out, '', '... prints nothing');
	is($err =~ tr/\n//, 1, '... one line');
	like($err, qr/^\Q$tool\E .*$expected/, '... that says so');
	ok(!(grep { index($err, $_) >= 0 } @secrets), '... without a secret');
}

my $psk = put('psk', "$hex\n");
takes('a key', "$hex ovpn-dco-mptcp", 'psk-file', $psk);
takes('an identity', "$hex site-a", 'psk-file', $psk, 'psk-identity', 'site-a');
takes('capitals and blanks', "$hex x", 'psk-file', put('blank', "\n\t " . uc($hex) . "\r\n\n"), 'psk-identity', 'x');
takes('a long key', $hex x 4 . ' x', 'psk-file', put('long', $hex x 4), 'psk-identity', 'x');
chmod 0400, $psk;
takes('a file nobody may write', "$hex ovpn-dco-mptcp", 'psk-file', $psk);

my $digits = '64 to 256 hexadecimal digits, as openssl rand -hex 32';
refuses('a short key', "\Q$psk-s: \Eexpected a pre-shared key of $digits", 'psk-file', put('psk-s', substr $hex, 2));
refuses('half a byte', $digits, 'psk-file', put('half', "${hex}0"));
refuses('a key that is too long', $digits, 'psk-file', put('longer', $hex x 4 . '00'));
refuses('two lines', $digits, 'psk-file', put('two', "$hex\n$hex\n"));
refuses('other letters', $digits, 'psk-file', put('letters', substr($hex, 1) . 'g'));
refuses('nothing', $digits, 'psk-file', put('empty', ''));
refuses('a zero byte', $digits, 'psk-file', put('zero', "$hex\0"));
refuses('a huge file', 'at most 65536 bytes', 'psk-file', put('huge', $hex x 2000));
refuses('a file that is not there', "\Q$dir/none: \Eexpected a file with a pre-shared key .ENOENT", 'psk-file', "$dir/none");
refuses('a directory', 'EISDIR', 'psk-file', $dir);
refuses('an identity with a space', 'without a space', 'psk-identity', 'a b');
refuses('an identity with a line end', 'ASCII', 'psk-identity', "a\nb");
refuses('a long identity', '1 to 64', 'psk-identity', 'x' x 65);
refuses('no identity', '1 to 64', 'psk-identity', '');

# Nobody else may read or write it.
for my $mode (0604, 0640, 0602, 0620, 0644, 0666, 0601, 0610) {
	refuses(sprintf('mode %04o', $mode), "nobody else may read or write: chmod 600 \Q$dir/open\E",
		'psk-file', put('open', $hex, $mode));
}
SKIP: {
	skip 'only root can give files away', 5 unless $> == 0;
	chown 65534, -1, put('foreign', $hex) or die;
	refuses("somebody else's file", 'belongs to root', 'psk-file', "$dir/foreign");
}

# Below the directory of systemd a group may read.
mkdir "$dir/credentials" or die;
my $loaded = put('credentials/psk', $hex, 0440);
refuses('a readable file elsewhere', 'chmod 600', 'psk-file', $loaded);
{
	local $ENV{CREDENTIALS_DIRECTORY} = "$dir/credentials";
	takes('what systemd loaded', "$hex ovpn-dco-mptcp", 'psk-file', $loaded);
	symlink $loaded, "$dir/link" or die;
	takes('the same by another name', "$hex ovpn-dco-mptcp", 'psk-file', "$dir/link");
	chmod 0444, $loaded;
	refuses('what everybody can read', 'chmod 600', 'psk-file', $loaded);
	chmod 0460, $loaded;
	refuses('what others can write', 'chmod 600', 'psk-file', $loaded);
	refuses('a file outside', 'chmod 600', 'psk-file', put('open', $hex, 0440));
	mkdir "$dir/cred" or die;
	chmod 0440, $loaded;
	local $ENV{CREDENTIALS_DIRECTORY} = "$dir/cred";
	refuses('a directory whose name only begins alike', 'chmod 600', 'psk-file', $loaded);
}

# A pipe has no owner that matters: a program may write the key.
my $fifo = "$dir/fifo";
system('mkfifo', '-m', '666', $fifo) == 0 or die;
my $writer = fork // die;
unless ($writer) {
	open my $out, '>', $fifo or exit 1;
	print $out $hex;
	close $out;
	exec 'true';
}
takes('a pipe', "$hex ovpn-dco-mptcp", 'psk-file', $fifo);
waitpid $writer, 0;

# Certificates.
sub make {
	my ($name, @how) = @_;
	my ($status, undef, $err) = run('openssl', 'req', '-x509', '-nodes', '-subj', "/CN=$name", '-keyout', "$dir/$name.key",
		'-out', "$dir/$name.crt", @how);
	BAIL_OUT("openssl: $err") if $status;
	my (undef, $text) = run('openssl', 'x509', '-in', "$dir/$name.crt", '-noout', '-fingerprint', '-sha256');
	my ($fingerprint) = $text =~ /=([0-9A-F:]{95})$/m or BAIL_OUT("no fingerprint in $text");
	open my $in, '<', "$dir/$name.key" or die;
	push @secrets, grep { length > 20 && !/-----/ } map { chomp; $_ } <$in>;
	return $fingerprint;
}
my %kinds = (
	ec => ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
	ed25519 => ['-newkey', 'ed25519'],
	rsa => ['-newkey', 'rsa:2048'],
);
my %fingerprint = map { $_ => make($_, @{$kinds{$_}}) } sort keys %kinds;
my $peer = lc $fingerprint{rsa};
for my $kind (sort keys %kinds) {
	takes("$kind", "$fingerprint{$kind}\npeer $fingerprint{rsa}", 'cert', "$dir/$kind.crt", 'key', "$dir/$kind.key",
		'peer-fingerprint', $peer);
}
my @ec = ('cert', "$dir/ec.crt", 'key', "$dir/ec.key");
takes('a plain fingerprint', "$fingerprint{ec}\npeer $fingerprint{rsa}", @ec, 'peer-fingerprint', $peer =~ tr/://dr);
takes('several', "$fingerprint{ec}\n" . join("\n", map { "peer $_" } @fingerprint{qw(rsa ec)}), @ec,
	map { ('peer-fingerprint', $_) } @fingerprint{qw(rsa ec)});

refuses('a fifth fingerprint', 'at most 4', @ec, map { ('peer-fingerprint', $_) } ($peer) x 5);
refuses("the fingerprint $_->[0]", '64 hexadecimal digits, or 32 pairs with colons', @ec, 'peer-fingerprint', $_->[1])
	for ['cut', substr $peer, 0, 92], ['with a blank', $peer =~ s/:/ /r], ['of another digest', substr $peer, 0, 59],
	['with its name', "sha256 Fingerprint=$peer"], ['that is none', ''], ['with odd colons', substr($peer, 1) . 'a'];
my ($tiny) = make('tiny', '-newkey', 'rsa:1024');
make('locked', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
run('openssl', 'ec', '-aes256', '-passout', 'pass:x', '-in', "$dir/locked.key", '-out', "$dir/locked2.key");
run('openssl', 'genpkey', '-algorithm', 'X25519', '-out', "$dir/x.key");
chmod 0600, glob "$dir/*.key";
refuses('a small key', 'at least 2048 bits', 'key', "$dir/tiny.key");
refuses('a key with a passphrase', "\Q$dir/locked2.key: \Eexpected a private key without a passphrase", 'key', "$dir/locked2.key");
refuses('a key that cannot sign', 'TLS 1.3 can sign with', 'key', "$dir/x.key");
refuses('a certificate for a key', "\Q$dir/ec.crt: \Eexpected a private key in PEM", 'key', put('ec.crt', do {
	local (@ARGV, $/) = "$dir/ec.crt"; <> }));
refuses('a key for a certificate', 'expected a certificate in PEM', 'cert', "$dir/ec.key");
chmod 0644, "$dir/ec.key";
refuses('a key for everybody', 'chmod 600', @ec);
chmod 0600, "$dir/ec.key";
refuses('the key of another certificate', 'private key of the certificate', 'cert', "$dir/ec.crt", 'key', "$dir/rsa.key",
	'peer-fingerprint', $peer);

refuses('nothing at all', 'psk-file, or cert, key and peer-fingerprint$');
refuses('both kinds', 'not both kinds', @ec, 'psk-file', $psk);
refuses('a certificate alone', 'both cert and key', 'cert', "$dir/ec.crt", 'peer-fingerprint', $peer);
refuses('no fingerprint', 'expected peer-fingerprint', @ec);
refuses('a fingerprint with a key', 'not both kinds', 'psk-file', $psk, 'peer-fingerprint', $peer);
refuses('an identity with a certificate', 'only together with psk-file', @ec, 'peer-fingerprint', $peer, 'psk-identity', 'a');
refuses('an identity alone', 'psk-file', 'psk-identity', 'a');

done_testing();

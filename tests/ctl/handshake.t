#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The handshake of attach, both ends in one program: messages, records, TLS; with sanitizers, with an
# openssl.cnf that allows everything, and under valgrind.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(root scratch sources compile passes need @sanitizers);

need(qw(gcc clang pkg-config valgrind));
my $dir = scratch();
my $tests = root() . '/tests';

sub program {
	my ($name, $compiler, $options, $helpers, @sources) = @_;
	return compile($dir, $name, $compiler, @$options, "-I$tests/unit/include",
		(map { "$tests/ctl/$_.c" } @$helpers),
		sources(@sources), '-lcmocka');
}

my @channel = qw(channel agree record tls tlserror credentials message digits file);
passes('agree', 1, program('agree_test', 'gcc', \@sanitizers, [], 'agree'));
passes('record', 1, program('record_test', 'gcc', \@sanitizers, [], 'record'));
for my $compiler (qw(gcc clang)) {
	for my $name (qw(channel channel_refuse)) {
		passes("$name, $compiler", 1, program("${name}_test", $compiler, \@sanitizers, ['channel_pair'], @channel));
	}
}

# What the file of the system allows does not matter.
open my $out, '>', "$dir/openssl.cnf" or die;
print $out <<'END';
openssl_conf = all
[all]
ssl_conf = tls
[tls]
system_default = lax
[lax]
MinProtocol = TLSv1.2
MaxProtocol = TLSv1.3
CipherString = ALL:@SECLEVEL=0
Ciphersuites = TLS_AES_128_GCM_SHA256
Groups = P-384
Options = AllowNoDHEKEX
NumTickets = 5
VerifyMode = Request
END
close $out or die;
{
	local $ENV{OPENSSL_CONF} = "$dir/openssl.cnf";
	passes('channel, lax openssl.cnf', 1, "$dir/channel_test");
	passes('channel_refuse, lax openssl.cnf', 1, "$dir/channel_refuse_test");
}

my $wipe = program('channel_wipe', 'gcc', ['-O2'], ['channel_pair'], @channel);
passes('memory', 1, $wipe);
passes('valgrind', 1, 'valgrind', '-q', '--leak-check=full', '--error-exitcode=9', $wipe, 'nosearch');

done_testing();

#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# A name server: name_server.pl ADDRESS ZONE. It answers from the file ZONE as that is at the time, a line for each address: NAME
# ADDRESS. It does not answer for a type (A, AAAA) that is a line of it. What it is asked goes to standard error.
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(AF_INET AF_INET6 inet_pton);

my ($address, $zone) = @ARGV;
my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => $address, LocalPort => 53) or die "name server: $!\n";
while (my $from = recv $socket, my $query, 512, 0) {
	my ($id) = unpack 'n', $query;
	my ($question) = substr($query, 12) =~ /\A((?:[\1-\77].*?)*?\0....)/s or next;
	my ($labels, $type) = (substr($question, 0, -4), unpack 'n', substr $question, -4, 2);
	my $name = join '.', unpack '(C/a)*', substr $labels, 0, -1;
	my $word = { 1 => 'A', 28 => 'AAAA' }->{$type} // next;
	print STDERR "$word $name\n";
	open my $in, '<', $zone or die "$zone: $!\n";
	my @zone = map { [split] } <$in>;
	next if grep { @$_ == 1 && $_->[0] eq $word } @zone;
	my @known = grep { @$_ == 2 && $_->[0] eq $name } @zone;
	my $family = $type == 1 ? AF_INET : AF_INET6;
	my @found = map { pack 'nnnNn/a', 0xc00c, $type, 1, 0, inet_pton($family, $_->[1]) } grep { ($_->[1] =~ /:/) == ($type != 1) } @known;
	# an answer of an authority that offers recursion; 3 is "no such name"
	send $socket, pack('n6', $id, 0x8580 | (@known ? 0 : 3), 1, scalar @found, 0, 0) . $question . join('', @found), 0, $from;
}

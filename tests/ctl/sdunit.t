#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Whether a unit of systemd is enabled or masked, by what systemctl makes of files.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use Test::More;
use ToolTest qw(scratch sources compile run need @sanitizers);

need(qw(gcc pkg-config systemctl));
my $dir = scratch();
my $sample = compile($dir, 'sdunit_sample', 'gcc', @sanitizers,
	sources(qw(sdunit host message memory file)));
my $unit = 'a-b.service';

# A host with the unit, and what was done there.
sub said {
	my ($what, @commands) = @_;
	my $host = "$dir/host";
	remove_tree($host);
	make_path("$host/usr/lib/systemd/system", "$host/etc/systemd/system", "$host/run/systemd/system");
	for my $name ($unit, 'other.service') {
		open my $out, '>', "$host/usr/lib/systemd/system/$name" or die;
		print $out "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n";
		close $out or die;
	}
	for (@commands) {
		my ($status, undef, $err) = run('systemctl', "--root=$host", split ' ');
		is($status, 0, "systemctl $_") or diag($err);
	}
	my ($status, $out, $err) = run($sample, $host, $unit);
	diag($err) if $err;
	is($out, "$what\n", join(', ', @commands) || 'nothing was done');
}

said('disabled');
said('enabled', "enable $unit");
said('enabled', "--runtime enable $unit");
said('enabled', "add-requires other.service $unit");
said('disabled', "enable $unit", "disable $unit");
said('disabled', 'enable other.service');
said('disabled masked', "mask $unit");
said('disabled masked', "--runtime mask $unit");
said('disabled', "mask $unit", "unmask $unit");
is((run($sample, "$dir/nowhere", $unit))[1], "disabled\n", 'a host without systemd');
done_testing();

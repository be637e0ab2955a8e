# SPDX-License-Identifier: GPL-2.0
# prove --formatter Again: as usual, and at the end the commands that repeat what has failed.
package Again;

use strict;
use warnings;
use TAP::Formatter::Console;
use TAP::Formatter::File;

# What prove takes by itself.
our @ISA = (-t STDOUT ? 'TAP::Formatter::Console' : 'TAP::Formatter::File');

sub summary {
	my ($self, $aggregate, @more) = @_;
	$self->_output("Again: prove -v $_\n") for grep { ($aggregate->parsers($_))[0]->has_problems } $aggregate->descriptions;
	return $self->SUPER::summary($aggregate, @more);
}

1;

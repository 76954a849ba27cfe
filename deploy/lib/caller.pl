#!/usr/bin/perl
# caller.pl SOCKET: asks for the CRI version over and over, each time on a connection of its own, as a client does
# that has just been started. SIGTERM ends it; then it prints how many calls were answered, how many connections were
# refused and how many cut before the answer, and how long the slowest took. With a second argument it asks until the first answer, for so many seconds at most.
use strict;
use warnings;
use IO::Socket::UNIX;
use Time::HiRes qw(time sleep);

my ($path, $patience) = @ARGV;
my ($answered, $refused, $cut, $slowest, $over) = (0, 0, 0, 0, 0);
$SIG{TERM} = sub { $over = 1 };
$SIG{PIPE} = 'IGNORE';

sub frame {
  my ($type, $flags, $stream, $payload) = @_;
  return substr(pack('N', length $payload), 1) . pack('CCN', $type, $flags, $stream) . $payload;
}

# Header fields as literals without compression.
sub fields {
  my $block = '';
  while (my ($name, $value) = splice @_, 0, 2) {
    $block .= "\0" . pack('C/a C/a', $name, $value);
  }
  return $block;
}

my $call =
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
  . frame(4, 0, 0, '')
  . frame(1, 4, 1, fields(
      ':method' => 'POST', ':scheme' => 'http', ':path' => '/runtime.v1.RuntimeService/Version',
      ':authority' => 'localhost', 'content-type' => 'application/grpc', 'te' => 'trailers'))
  . frame(0, 1, 1, "\0\0\0\0\0");

# The answer has the runtime's name in plain letters.
sub ask {
  my $socket = IO::Socket::UNIX->new(Peer => $path) or do { $refused++; return 0 };
  print {$socket} $call;
  $socket->flush;
  my $read = '';
  local $SIG{ALRM} = sub { die "no answer\n" };
  my $complete = eval {
    alarm 60;
    until ($read =~ /docker/) { sysread($socket, $read, 4096, length $read) or die "closed\n" }
    alarm 0;
    1;
  };
  $cut++ unless $complete || $over;
  return $complete;
}

my $began = time;
until ($over) {
  my $start = time;
  if (ask()) {
    $answered++;
    my $took = time - $start;
    $slowest = $took if $took > $slowest;
    last if defined $patience;
  }
  last if defined $patience && time - $began > $patience;
  sleep 0.01;
}
printf "%d answered, %d refused, %d cut, slowest %.2f s\n", $answered, $refused, $cut, $slowest;
exit($answered > 0 ? 0 : 1);

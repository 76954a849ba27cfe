#!/usr/bin/perl
# activator.pl SOCKET COMMAND...: listens on the socket and hands it to the command as systemd would,
# again each time the command ends. SIGTERM ends both.
use strict;
use IO::Socket::UNIX;
use POSIX ();

$^F = 3;
my $path = shift;
my $socket = IO::Socket::UNIX->new(Local => $path, Listen => 128) or die "cannot listen on $path: $!";
POSIX::dup2(fileno($socket), 3) unless fileno($socket) == 3;
my $child = 0;
$SIG{TERM} = sub { kill 'TERM', $child; waitpid $child, 0; unlink $path; exit 0 };
while (1) {
  $child = fork;
  die "cannot fork: $!" unless defined $child;
  if ($child == 0) {
    $ENV{LISTEN_FDS} = 1;
    $ENV{LISTEN_PID} = $$;
    exec @ARGV or die "cannot run $ARGV[0]: $!";
  }
  waitpid $child, 0;
}

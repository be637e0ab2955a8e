#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs a program on a terminal of its own, and plays the user:

    terminal.py ROWSxCOLUMNS STEP... -- COMMAND...

Steps: expect:REGEX (on the screen; lines are joined by newlines), lacks:REGEX, send:TEXT (\\e is Escape),
size:ROWSxCOLUMNS (and all is drawn for that), signal:NAME, exit:STATUS (128 + N for signal N). At the end the terminal
must be as it was before: the main screen with a visible cursor, and the same settings. The last screen is printed.
"""
import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

# TERMINAL_DEADLINE: for what has to start a machine first.
DEADLINE = int(os.environ.get("TERMINAL_DEADLINE") or 30)


class Screen:
    """Just enough of a terminal for what the tool writes; what it does not know is a failure."""

    def __init__(self, rows, columns):
        self.alternate, self.cursor = False, True
        self.row = self.column = 0
        self.homes = self.settled = 0
        self.resize(rows, columns)
        self.rest = ''
        self.entered = 0

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.cells = [[' '] * columns for _ in range(rows)]
        self.row, self.column = min(self.row, rows - 1), min(self.column, columns)
        # A drawing of the old size may be under way, with its beginning still to come.
        self.settled = self.homes + 2

    def fits(self):
        """Whether what comes is drawn for this size."""
        return self.homes >= self.settled

    def text(self):
        return '\n'.join(''.join(line).rstrip() for line in self.cells)

    def control(self, code, letter):
        if letter == 'H' and not code:
            self.row = self.column = 0
            self.homes += 1
        elif letter == 'K' and not code:
            self.cells[self.row][self.column:] = [' '] * (self.columns - self.column)
        elif letter == 'J':
            if not code:
                self.control('', 'K')
            for row in range(0 if code == '2' else self.row + 1, self.rows):
                self.cells[row] = [' '] * self.columns
        elif letter in 'hl' and code in ('?1049', '?25'):
            if code == '?25':
                self.cursor = letter == 'h'
            else:
                self.alternate = letter == 'h'
                self.entered += self.alternate
        elif letter != 'm':
            fail(f'unknown sequence ESC [ {code} {letter}')

    def feed(self, text):
        text, self.rest = self.rest + text, ''
        at = 0
        while at < len(text):
            if text[at] == '\033':
                match = re.compile(r'\033\[([?0-9;]*)([A-Za-z])').match(text, at)
                if not match:
                    self.rest = text[at:]
                    return
                self.control(*match.groups())
                at = match.end()
                continue
            self.put(text[at])
            at += 1

    def put(self, character):
        if character == '\r':
            self.column = 0
        elif character == '\n':
            self.row += 1
            if self.row == self.rows:
                if self.alternate and self.fits():
                    fail('the screen scrolled')
                self.cells = self.cells[1:] + [[' '] * self.columns]
                self.row -= 1
        elif self.column < self.columns:
            self.cells[self.row][self.column] = character
            self.column += 1
        elif self.alternate and self.fits():
            fail(f'a line is longer than {self.columns} columns: {"".join(self.cells[self.row])}')


def fail(reason):
    print(f'FAIL: {reason}\n{screen.text()}', flush=True)
    if status is None:
        os.kill(pid, signal.SIGKILL)
    sys.exit(1)


def size(text):
    return [int(n) for n in text.split('x')]


def resize(rows, columns):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))


def read(wait):
    """Returns whether something came."""
    if not select.select([master], [], [], wait)[0]:
        return False
    screen.feed(decoder.decode(os.read(master, 65536)))
    return True


def wait_for(what, condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            fail(f'not within {DEADLINE} s: {what}')
        read(0.05)


def ended():
    global status
    done, how = os.waitpid(pid, os.WNOHANG)
    if done:
        status = 128 + os.WTERMSIG(how) if os.WIFSIGNALED(how) else os.WEXITSTATUS(how)
    return done


split = sys.argv.index('--')
steps, command = sys.argv[2:split], sys.argv[split + 1:]
screen = Screen(*size(sys.argv[1]))
decoder = codecs.getincrementaldecoder('utf-8')('replace')
master, slave = pty.openpty()
resize(screen.rows, screen.columns)
before = termios.tcgetattr(slave)
status = None
pid = os.fork()
if not pid:
    os.close(master)
    os.login_tty(slave) if hasattr(os, 'login_tty') else (
        os.setsid(), fcntl.ioctl(slave, termios.TIOCSCTTY, 0), [os.dup2(slave, fd) for fd in range(3)])
    os.execvp(command[0], command)

for step in steps:
    verb, _, argument = step.partition(':')
    if verb == 'expect':
        wait_for(step, lambda: re.search(argument, screen.text(), re.M))
    elif verb == 'lacks':
        wait_for(step, lambda: not re.search(argument, screen.text(), re.M))
    elif verb == 'send':
        os.write(master, argument.replace('\\e', '\033').encode())
    elif verb == 'size':
        while read(0):
            pass
        screen.resize(*size(argument))
        resize(screen.rows, screen.columns)
        wait_for(step, screen.fits)
    elif verb == 'signal':
        os.kill(pid, getattr(signal, 'SIG' + argument))
    elif verb == 'exit':
        last = screen.text()
        wait_for(step, ended)
        # what it wrote last may still be on its way
        while read(0):
            pass
        if status != int(argument):
            fail(f'exit status {status}, must be {argument}')
        print(last)
    else:
        fail(f'unknown step {step}')
if status is None:
    fail('the steps end before the program')
if screen.alternate or not screen.cursor:
    fail(f'the terminal is not given back: alternate screen {screen.alternate}, cursor {screen.cursor}')
if termios.tcgetattr(slave) != before:
    fail('the settings of the terminal are not those from before')

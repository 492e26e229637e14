"""Checks name and password of a system account with PAM and tells its groups.

Started by pam-users.ts for one login. Reads {"service", "username", "password"} as JSON from standard input and writes
{"code": 0, "account": "anna", "groups": [...]} or {"code": <what PAM returned>, "text": "..."} to standard output. It is a program of its
own because modules of PAM block, may crash, and must not run in the server's process.
"""

import ctypes
import grp
import json
import os
import pwd
import sys

PROMPT_ECHO_OFF = 1
PAM_BUF_ERR = 5


class Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class Response(ctypes.Structure):
    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


ASK = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_int,
    ctypes.POINTER(ctypes.POINTER(Message)),
    ctypes.POINTER(ctypes.POINTER(Response)),
    ctypes.c_void_p,
)


class Conversation(ctypes.Structure):
    _fields_ = [("ask", ASK), ("data", ctypes.c_void_p)]


libc = ctypes.CDLL(None)
libc.calloc.restype = ctypes.c_void_p
libc.calloc.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
libc.strdup.restype = ctypes.c_void_p
libc.strdup.argtypes = [ctypes.c_char_p]

pam = ctypes.CDLL("libpam.so.0")
pam.pam_start.argtypes = [
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.POINTER(Conversation),
    ctypes.POINTER(ctypes.c_void_p),
]
for name in ("pam_authenticate", "pam_acct_mgmt", "pam_end"):
    getattr(pam, name).argtypes = [ctypes.c_void_p, ctypes.c_int]
pam.pam_strerror.argtypes = [ctypes.c_void_p, ctypes.c_int]
pam.pam_strerror.restype = ctypes.c_char_p


def check(service, username, password):
    """The code of PAM, 0 when the account may log in, and its text."""

    def ask(count, messages, responses, _data):
        # PAM frees both, the answers and their texts
        answers = libc.calloc(count, ctypes.sizeof(Response))
        if not answers:
            return PAM_BUF_ERR
        responses[0] = ctypes.cast(answers, ctypes.POINTER(Response))
        for index in range(count):
            if messages[index].contents.style == PROMPT_ECHO_OFF:
                responses[0][index].text = libc.strdup(password)
        return 0

    handle = ctypes.c_void_p()
    conversation = Conversation(ASK(ask), None)
    code = pam.pam_start(service, username, ctypes.byref(conversation), ctypes.byref(handle))
    if code != 0:
        return code, "PAM could not be started"
    code = pam.pam_authenticate(handle, 0)
    if code == 0:
        # locked and expired accounts
        code = pam.pam_acct_mgmt(handle, 0)
    text = pam.pam_strerror(handle, code).decode("utf-8", "replace")
    pam.pam_end(handle, code)
    return code, text


def groups_of(username):
    """Names of all groups, the primary one included; groups without name are left out."""
    names = []
    for gid in os.getgrouplist(username, pwd.getpwnam(username).pw_gid):
        try:
            names.append(grp.getgrgid(gid).gr_name)
        except KeyError:
            pass
    return names


request = json.load(sys.stdin.buffer)
username = request["username"]
code, text = check(*(request[key].encode("utf-8") for key in ("service", "username", "password")))
if code:
    answer = {"code": code, "text": text}
else:
    answer = {"code": 0, "account": pwd.getpwnam(username).pw_name, "groups": groups_of(username)}
json.dump(answer, sys.stdout)

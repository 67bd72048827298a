"""What can be wrong with opening another center's file."""

from shared.kit.problems import Problem


class FileInsideScope(Problem):
    code, status = "file-inside-scope", 409
    title = {
        "fa": "این پرونده در محدودهٔ خود شماست و بی‌نیاز از دسترسی اضطراری خوانده می‌شود",
        "en": "The file is inside your own scope: read it as any other",
    }


class NoLongerOpen(Problem):
    code, status = "no-longer-open", 409
    title = {
        "fa": "این دسترسی اضطراری پایان یافته است",
        "en": "This emergency access has ended: it expired or was revoked before",
    }

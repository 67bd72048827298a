"""What can be wrong with giving files to a worker."""

from shared.kit.problems import Problem


class WorkerNotPosted(Problem):
    code, status = "worker-not-posted", 422
    title = {
        "fa": "این شخص امروز مددکار آن مرکز نیست",
        "en": "The person is not a social worker of that center today",
    }


class WorkerFull(Problem):
    """`files` is how many the worker has already, `maximum` what the rule in force allows."""

    code, status = "worker-full", 409
    title = {"fa": "ظرفیت پروندهٔ مددکار پر است", "en": "The worker cannot take so many files"}
    detail = {
        "fa": "مددکار {files} پرونده دارد و سقف {maximum} است.",
        "en": "The worker has {files} files, and the rule in force allows {maximum}.",
    }
    members = ("files", "maximum")

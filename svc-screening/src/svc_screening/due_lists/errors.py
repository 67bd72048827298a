"""What can be wrong with asking who is due."""

from shared.kit.problems import Problem


class NobodyIsLookedFor(Problem):
    code, status = "nobody-is-looked-for", 422
    title = {
        "fa": "این برنامه فهرست سررسید ندارد",
        "en": "For this programme nobody is looked for: people come to it by themselves",
    }

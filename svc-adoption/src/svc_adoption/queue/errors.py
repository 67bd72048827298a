"""What can be wrong with the queue."""

from shared.kit.problems import Problem


class NotInTheQueue(Problem):
    code, status = "not-in-the-queue", 404
    title = {"fa": "این درخواست در نوبت نیست", "en": "The request does not wait in the queue"}

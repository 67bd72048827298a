"""What can keep an export from starting."""

from shared.kit.problems import Problem


class ExportsBusy(Problem):
    code, status = "exports-busy", 503
    title = {"fa": "خروجی‌های دیگری در حال ساخته شدن است", "en": "Other exports are under way"}
    detail = {"fa": "کمی بعد دوباره تلاش کنید.", "en": "Try again shortly."}

import pytest

from shared.contracts.permissions import EVERYONE, Permission
from shared.contracts.roles import GRANTS, LEVELS, MAY_GRANT, TITLES, Role
from shared.kit.jurisdiction import Level

WRITING = {word for word in Permission if not word.endswith((":read", ":search", ":export"))}
ADOPTION = [Role.ADOPTION_OFFICER, Role.ADOPTION_WORKER, Role.ADOPTION_COMMITTEE]
PERSONAL = {Permission.CASE_FILE_READ, Permission.CASE_FILE_SEARCH, Permission.CASE_FILE_EXPORT}


@pytest.mark.parametrize("role", Role)
def test_every_role_has_permissions_levels_and_a_title(role: Role) -> None:
    assert GRANTS[role] > EVERYONE
    assert LEVELS[role]
    assert set(TITLES[role]) == {"fa", "en"}


def test_every_permission_is_somebodys() -> None:
    assert frozenset().union(*GRANTS.values()) == set(Permission)


def test_an_auditor_reads_and_changes_nothing() -> None:
    assert not GRANTS[Role.AUDITOR] & WRITING
    assert Permission.AUDIT_READ in GRANTS[Role.AUDITOR]
    assert all(Permission.AUDIT_READ not in GRANTS[role] for role in Role if role is not Role.AUDITOR)


def test_a_connected_system_receives_events_and_opens_no_file() -> None:
    assert GRANTS[Role.INTEGRATION_CLIENT] - EVERYONE == {Permission.EVENT_READ, Permission.REFERRAL_REPORT}


def test_headquarters_and_those_who_screen_or_license_see_no_household() -> None:
    licensing = (Role.LICENSING_OFFICER, Role.COMMISSION_SECRETARY, Role.COMMISSION_MEMBER, Role.SPECIALISED_DEPUTY)
    for role in (Role.HEADQUARTERS, Role.SCREENER, *licensing, *ADOPTION):
        assert not GRANTS[role] & PERSONAL


def test_adoption_is_for_its_own_roles_alone() -> None:
    adoption = {word for word in Permission if word.startswith("adoption:")}

    assert [role for role in Role if GRANTS[role] & adoption] == ADOPTION
    for role in ADOPTION:
        assert GRANTS[role] - EVERYONE <= adoption, "and nobody's household"


def test_who_decides_on_adoptions_neither_makes_nor_names_them() -> None:
    assert GRANTS[Role.ADOPTION_COMMITTEE] - EVERYONE == {Permission.ADOPTION_DECIDE, Permission.ADOPTION_FOLLOW}
    assert [role for role in Role if Permission.ADOPTION_DECIDE in GRANTS[role]] == [Role.ADOPTION_COMMITTEE]
    assert [each for each in Role if Role.ADOPTION_COMMITTEE in MAY_GRANT[each]] == [Role.HEADQUARTERS]


def test_a_center_registers_adoptions_and_exports_or_searches_none() -> None:
    assert GRANTS[Role.ADOPTION_WORKER] - EVERYONE == {Permission.ADOPTION_REGISTER, Permission.ADOPTION_READ}


def test_genetics_is_for_those_who_take_the_questionnaire_alone() -> None:
    genetics = {Permission.GENETICS_READ, Permission.GENETICS_WRITE}

    assert [role for role in Role if GRANTS[role] & genetics] == [Role.SCREENER]


def test_a_rule_of_a_programme_is_headquarters_alone_to_make_and_nobody_who_screens_signs_it() -> None:
    making = {Permission.PROGRAMME_WRITE, Permission.PROGRAMME_SIGN_OFF}

    assert [role for role in Role if GRANTS[role] & making] == [Role.HEADQUARTERS]
    assert Permission.SCREENING_WRITE not in GRANTS[Role.HEADQUARTERS]


def test_what_security_answered_the_secretary_alone_sees_who_neither_votes_nor_states_the_need() -> None:
    assert [role for role in Role if Permission.INQUIRY_VET in GRANTS[role]] == [Role.COMMISSION_SECRETARY]
    deciding = {Permission.COMMISSION_VOTE, Permission.APPLICATION_STATE_NEED}
    assert not GRANTS[Role.COMMISSION_SECRETARY] & deciding


def test_who_applies_for_a_founder_does_not_decide() -> None:
    deciding = {Permission.APPLICATION_STATE_NEED, Permission.COMMISSION_WRITE, Permission.COMMISSION_VOTE}
    deciding |= {Permission.LICENCE_ISSUE}

    assert not [role for role in Role if Permission.APPLICATION_WRITE in GRANTS[role] and GRANTS[role] & deciding]


def test_what_a_licence_requires_is_headquarters_alone_to_say() -> None:
    saying = {Permission.REQUIREMENT_WRITE, Permission.REQUIREMENT_SIGN_OFF, Permission.WORKING_DAY_WRITE}

    assert [role for role in Role if GRANTS[role] & saying] == [Role.HEADQUARTERS]


def test_who_permits_a_screener_does_not_screen() -> None:
    assert not [role for role in Role if {Permission.SCREENER_PERMIT, Permission.SCREENING_WRITE} <= GRANTS[role]]


def test_a_social_worker_keeps_the_files_of_the_center_and_moves_nothing_in_bulk() -> None:
    granted = GRANTS[Role.SOCIAL_WORKER]

    assert {Permission.CASE_FILE_READ, Permission.CASE_FILE_WRITE, Permission.CASE_FILE_SEARCH} <= granted
    assert not granted & {Permission.CASE_FILE_EXPORT, Permission.CASE_FILE_IMPORT, Permission.POSTING_GRANT}
    assert LEVELS[Role.SOCIAL_WORKER] == {Level.CENTER}


def test_nobody_appoints_their_own_equal_but_headquarters() -> None:
    for role in Role:
        if role is not Role.HEADQUARTERS:
            assert role not in MAY_GRANT[role]
            assert Role.HEADQUARTERS not in MAY_GRANT[role]


def test_who_may_appoint_has_the_permission_and_the_other_way_round() -> None:
    assert {role for role in Role if MAY_GRANT[role]} == {
        role for role in Role if Permission.POSTING_GRANT in GRANTS[role]
    }


@pytest.mark.parametrize("role", Role)
def test_whom_one_appoints_can_stand_within_ones_own_jurisdiction(role: Role) -> None:
    order = list(Level)
    widest = min((order.index(level) for level in LEVELS[role]), default=0)

    for other in MAY_GRANT[role]:
        assert any(order.index(level) >= widest for level in LEVELS[other])


def test_the_line_does_not_appoint_those_who_watch_it() -> None:
    for role in (Role.AUDITOR, Role.INTEGRATION_CLIENT):
        assert [each for each in Role if role in MAY_GRANT[each]] == [Role.HEADQUARTERS]

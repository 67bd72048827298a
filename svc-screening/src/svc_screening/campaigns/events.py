"""From a campaign to what is announced of it."""

from shared.contracts.screening import CampaignOpenedV1
from shared.kit.jurisdiction import Jurisdiction
from svc_screening.campaigns.models import Campaign


def opened(campaign: Campaign) -> CampaignOpenedV1:
    return CampaignOpenedV1(
        jurisdiction=Jurisdiction.from_code(campaign.jurisdiction),
        campaign_id=campaign.id,
        version=campaign.version,
        programme=campaign.programme_code,
        name_fa=campaign.name_fa,
        born_from=campaign.born_from,
        born_to=campaign.born_to,
        opens_on=campaign.opens_on,
        closes_on=campaign.closes_on,
    )

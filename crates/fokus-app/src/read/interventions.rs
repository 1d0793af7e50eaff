//! Interventions of all families, or one: the board.
//!
//! The statuses say which families have interventions that may be wanted; only theirs are read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use fokus_core::ids::{InterventionId, PersonId};
use fokus_core::record::Opened;
use fokus_core::views::interventions::{Card, CardOn, ShownCard, cards_of};
use fokus_core::views::status::InterventionState;
use jiff::civil::Date;

use super::paging::{PageToken, filter_of, page_size};
use super::scan::{Scan, Standing, one_family};
use super::{Which, cards, is_present, live_rows, personal, today};
use crate::failure::Failure;
use crate::journal::Journal;
use crate::query::{InterventionListAnswer, InterventionListQuery};
use crate::read::Query;
use crate::rows::{self, Stored};
use crate::runner::INTERVENTIONS;
use crate::session::Action;
use crate::tenants::Tenant;

/// The personal field of an order that a card shows.
const PROVIDER: &str = "provider";

/// A card that is wanted, and whose it is.
struct Found {
    standing: Standing,
    cards: Vec<CardOn>,
}

#[async_trait]
impl Query for InterventionListQuery {
    type Answer = InterventionListAnswer;

    const ACTION: Action = Action::ReadWork;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let size = usize::try_from(page_size(self.page_size)?).unwrap_or(usize::MAX);
        let filter = filter_of(&[
            "interventions",
            &format!("{:?}", self.clocks),
            &format!("{:?} {:?}", self.family_id, self.states),
            &format!("{:?} {}", self.types, self.overdue_only),
        ]);
        let token = PageToken::read(&self.page_token, &filter)?;
        let (_, day) = today(journal, &self.clocks);
        let (found, next, as_of) = match self.family_id {
            Some(_) => self.of_one(journal, tenant, token, size, day).await?,
            None => self.of_all(journal, tenant, token, size, day).await?,
        };
        let next_page_token = next.map(|it| it.write(&filter)).unwrap_or_default();
        let interventions = self.shown(journal, tenant, found).await?;
        Ok(InterventionListAnswer { interventions, next_page_token, day, as_of })
    }
}

/// What a page has, where the list goes on, where the answer stands.
type Page = (Vec<Found>, Option<PageToken>, u64);

impl InterventionListQuery {
    async fn of_all(
        &self,
        journal: &Journal,
        tenant: &Tenant,
        token: Option<PageToken>,
        size: usize,
        day: Date,
    ) -> Result<Page, Failure> {
        let rows = Scan::rows_for(size);
        let mut scan =
            Scan::begin(journal, tenant, &self.clocks, self.min_position, token, rows).await?;
        let (mut found, mut count) = (Vec::new(), 0);
        while count < size {
            let Some(it) = scan.next().await? else { break };
            let seen = seen_of(token, it.order);
            let mut cards = self.wanted(journal, tenant, &it, scan.as_of(), day).await?;
            cards.retain(|it| it.card.ordered_revision > seen);
            let left = size - count;
            let cut = cards.len() > left;
            cards.truncate(left);
            count += cards.len();
            let last = cards.last().map(|it| it.card.ordered_revision);
            if !cards.is_empty() {
                let standing = Standing { history: Vec::new(), ..it };
                found.push(Found { standing, cards });
            }
            if cut {
                return Ok((found, Some(scan.goes_on(last)), scan.as_of()));
            }
        }
        let more = count >= size || !scan.is_over();
        Ok((found, more.then(|| scan.goes_on(None)), scan.as_of()))
    }

    async fn of_one(
        &self,
        journal: &Journal,
        tenant: &Tenant,
        token: Option<PageToken>,
        size: usize,
        day: Date,
    ) -> Result<Page, Failure> {
        let Some(family) = self.family_id else { return Ok((Vec::new(), None, 0)) };
        let (standing, as_of) =
            one_family(journal, tenant, family, &self.clocks, self.min_position).await?;
        let mut cards = self.wanted(journal, tenant, &standing, as_of, day).await?;
        cards.retain(|it| token.is_none_or(|token| it.card.ordered_revision > token.after.1));
        let cut = cards.len() > size;
        cards.truncate(size);
        let last = cards.last().map(|it| it.card.ordered_revision).filter(|_| cut);
        let next = last.map(|it| PageToken { build: 0, after: (0, it) });
        Ok((vec![Found { standing, cards }], next, as_of))
    }

    /// The family's cards that the filter wants, in order of ordering.
    async fn wanted(
        &self,
        journal: &Journal,
        tenant: &Tenant,
        standing: &Standing,
        as_of: u64,
        day: Date,
    ) -> Result<Vec<CardOn>, Failure> {
        let may_be = standing.row.interventions.iter().any(|it| {
            let overdue = !self.overdue_only || it.state == InterventionState::Started;
            overdue && self.fits(it.state, |types| types.contains(&it.intervention_type))
        });
        if !may_be {
            return Ok(Vec::new());
        }
        let mut cards: Vec<Card> = if is_present(&self.clocks) {
            live_cards(journal, tenant, standing, as_of).await?
        } else {
            cards_of(&standing.history, &self.clocks)
        };
        cards.sort_by_key(|it| it.ordered_revision);
        let cards = cards.iter().map(|it| it.on(day));
        let wanted = |it: &CardOn| {
            let fits = self.fits(it.card.state, |types| types.contains(&it.card.intervention_type));
            fits && (it.is_overdue || !self.overdue_only)
        };
        Ok(cards.filter(wanted).collect())
    }

    fn fits(
        &self,
        state: InterventionState,
        is_of: impl Fn(&[fokus_core::codes::InterventionType]) -> bool,
    ) -> bool {
        (self.states.is_empty() || self.states.contains(&state))
            && (self.types.is_empty() || is_of(&self.types))
    }

    /// Joins names and providers.
    async fn shown(
        &self,
        journal: &Journal,
        tenant: &Tenant,
        found: Vec<Found>,
    ) -> Result<Vec<ShownCard>, Failure> {
        let all = found.iter().flat_map(|it| &it.cards);
        let persons: BTreeSet<PersonId> = all.filter_map(|it| it.card.person_id).collect();
        let persons = cards::of_persons(journal, tenant, persons, &self.clocks).await?;
        let mut shown = Vec::new();
        for Found { standing, cards } in found {
            let mut providers = providers(journal, tenant, &standing, &cards).await?;
            for card in cards {
                shown.push(ShownCard {
                    family_id: standing.row.family_id,
                    reference: standing.row.reference.clone(),
                    person: card.card.person_id.and_then(|it| persons.get(&it).cloned()),
                    provider: providers
                        .remove(&card.card.intervention_id)
                        .unwrap_or(Opened::Absent),
                    card,
                });
            }
        }
        Ok(shown)
    }
}

/// The revision up to which the page before has shown a family's cards.
fn seen_of(token: Option<PageToken>, order: i64) -> u64 {
    let (after, seen) = token.map_or((i64::MIN, 0), |it| it.after);
    if after.saturating_add(1) == order { seen } else { 0 }
}

/// The family's cards as the view has them, at `as_of` or later.
pub(super) async fn live_cards(
    journal: &Journal,
    tenant: &Tenant,
    standing: &Standing,
    as_of: u64,
) -> Result<Vec<Card>, Failure> {
    let which = Which::OfStream(standing.tag);
    let (build, _, mut rows) = live_rows(journal, tenant, INTERVENTIONS, as_of, which).await?;
    rows.retain(|it| !it.body.is_empty());
    let keyring = &journal.shared.keyring;
    let stored: Vec<Stored<Card>> = rows::bodies(keyring, &tenant.id, &build, &rows).await?;
    Ok(stored.into_iter().map(|it| it.content).collect())
}

/// Who gives each of the family's interventions.
async fn providers(
    journal: &Journal,
    tenant: &Tenant,
    standing: &Standing,
    cards: &[CardOn],
) -> Result<BTreeMap<InterventionId, Opened>, Failure> {
    let stream = standing.row.family_id.into();
    let orders: Vec<_> =
        cards.iter().map(|it| (it.card.ordered_revision, it.card.order_corrected_by)).collect();
    let mut fields: HashMap<u64, Vec<(String, Opened)>> =
        personal::fields(journal, tenant, stream, &orders, &[PROVIDER]).await?;
    let provider = |it: &CardOn| {
        let of_order = fields.remove(&it.card.ordered_revision).unwrap_or_default();
        let provider = of_order.into_iter().next().map_or(Opened::Absent, |it| it.1);
        (it.card.intervention_id, provider)
    };
    Ok(cards.iter().map(provider).collect())
}

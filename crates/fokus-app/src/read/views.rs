//! The views and the store, for operators. Nothing personal.

use async_trait::async_trait;

use crate::failure::Failure;
use crate::folding::VIEWS;
use crate::journal::Journal;
use crate::query::{StoreAnswer, StoreQuery, ViewState, ViewsAnswer, ViewsQuery};
use crate::read::Query;
use crate::session::Action;
use crate::tenants::Tenant;

#[async_trait]
impl Query for ViewsQuery {
    type Answer = ViewsAnswer;

    const ACTION: Action = Action::OperateViews;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let checkpoints = journal.shared.ports.views.checkpoints(&tenant.id).await?;
        let state = |view: &&dyn crate::folding::Folding| {
            let live = checkpoints.iter().find(|it| it.live && it.build.view == view.name());
            let number = live.map_or(0, |it| it.build.revision & 0xffff);
            ViewState {
                name: view.name().to_owned(),
                revision: view.revision(),
                build: u16::try_from(number).unwrap_or_default(),
                position: live.map_or(0, |it| it.position.0),
                halted: live.and_then(|it| it.halted.clone()).map(|(at, code)| (at.0, code)),
            }
        };
        let views = VIEWS.iter().map(state).collect();
        let head = journal.shared.ports.events.head(&tenant.id).await?.position.0;
        Ok(ViewsAnswer { views, head })
    }
}

#[async_trait]
impl Query for StoreQuery {
    type Answer = StoreAnswer;

    const ACTION: Action = Action::OperateViews;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let about = journal.shared.ports.about.about().await?;
        let alarm = journal.alarms().borrow().get(&tenant.id).map(ToString::to_string);
        Ok(StoreAnswer { about, alarm })
    }
}

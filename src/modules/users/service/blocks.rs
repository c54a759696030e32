//! Blocking: what the blocked do is hidden from whoever blocked them, from the commit on.

use async_trait::async_trait;

use super::UsersService;
use crate::{
    infra::detached::to_the_end,
    modules::users::{
        dto::BlockDto,
        error::UserError,
        store::{BlockRow, UsersStore},
    },
    problem::Problem,
    realtime::{Noted, OwnFacts, Pushed, Streams},
    wire::{Page, PageQuery, UserId},
};

/// In the blocker's own stream: the other nodes read anew whom they block.
const BLOCKS_CHANGED: &str = "blocksChanged";

impl UsersService {
    /// Blocks somebody. They aren't told.
    pub async fn block(&self, blocker: UserId, blocked: UserId) -> Result<(), UserError> {
        if blocker == blocked {
            return Err(UserError::BlocksThemselves);
        }
        self.set_blocked(blocker, blocked, true).await
    }

    /// Takes a block back, if there is one.
    pub async fn unblock(&self, blocker: UserId, blocked: UserId) -> Result<(), UserError> {
        self.set_blocked(blocker, blocked, false).await
    }

    async fn set_blocked(&self, blocker: UserId, blocked: UserId, is_blocked: bool) -> Result<(), UserError> {
        let this = self.clone();
        to_the_end(async move { this.store_and_tell(blocker, blocked, is_blocked).await }).await
    }

    async fn store_and_tell(
        self,
        blocker: UserId,
        blocked: UserId,
        is_blocked: bool,
    ) -> Result<(), UserError> {
        let (tx, now) = (self.db.begin().await?, self.clock.now());
        let changed = match is_blocked {
            true => UsersStore::block(&tx, blocker, blocked, now).await?,
            false => UsersStore::unblock(&tx, blocker, blocked).await?,
        };
        if !changed {
            tx.rollback().await?;
            return Ok(());
        }
        let (own, who) = (blocker.into(), Some(blocker));
        let seq = Streams::append_all(&tx, own, now, BLOCKS_CHANGED, &[blocked.0], who).await?;
        tx.commit().await?;
        self.notices.blocked(blocker, blocked, is_blocked);
        self.streams.noted(blocker, seq);
        self.presence.look_again(blocker);
        Ok(())
    }

    /// By username.
    pub async fn blocks(
        &self,
        blocker: UserId,
        page: PageQuery<String>,
    ) -> Result<Page<BlockDto>, UserError> {
        let rows = self.store.blocks(blocker, &page).await?;
        Ok(page.page(rows, |row: &BlockRow| row.user.username_key.clone(), BlockDto::from))
    }

    /// Who has blocked whom, among all whom these people have blocked.
    pub async fn blocked_by(&self, blockers: &[UserId]) -> Result<Vec<(UserId, UserId)>, UserError> {
        self.store.blocked_by(blockers).await
    }
}

/// Nothing is shown of it: it passes. But it is ours, and goes when it has had its time.
#[async_trait]
impl OwnFacts for UsersService {
    fn kinds(&self) -> &'static [&'static str] {
        &[BLOCKS_CHANGED]
    }

    async fn pushed(&self, _: UserId, _: &[Noted]) -> Result<Vec<Pushed>, Problem> {
        Ok(Vec::new())
    }
}

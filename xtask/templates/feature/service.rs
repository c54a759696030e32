use std::sync::Arc;

use async_trait::async_trait;

use super::{
    dto::{NewWidget, WidgetChangeDto, WidgetDto, WidgetEdit},
    entity::{Model, WidgetChangeKind, WidgetId},
    error::WidgetError,
    store::{ChangeRow, WidgetsStore},
};
use crate::{
    guards::{Claim, Fingerprint, IdempotencyKey},
    infra::{
        clock::Clock,
        db::{Db, Tx},
        detached::to_the_end,
    },
    problem::Problem,
    realtime::{Pushed, StreamSource, Streams},
    wire::{CatchUp, IfMatch, Page, PageQuery, StreamId, UserId},
};

/// The rules about ~widgets~: they are their owner's alone, and every change has a number. What changes something
/// goes on to the end even when its owner hangs up: what is kept, the followers are told.
#[derive(Clone)]
pub struct WidgetsService {
    db: Db,
    store: Arc<WidgetsStore>,
    clock: Clock,
    streams: Streams,
}

/// One ~widget~ and the version that `If-Match` can name.
pub type Versioned = (WidgetDto, i32);

/// The stream of one owner's changes.
pub fn stream_of(owner: UserId) -> StreamId {
    StreamId::of("widgets", owner.0)
}

impl WidgetsService {
    pub fn new(db: Db, clock: Clock, streams: Streams) -> Self {
        Self { store: Arc::new(WidgetsStore::new(db.clone())), db, clock, streams }
    }

    /// Stores one. The same idempotency key again gives the one of the first time.
    pub async fn create(
        &self,
        owner: UserId,
        new: NewWidget,
        key: Option<IdempotencyKey>,
    ) -> Result<WidgetDto, WidgetError> {
        let this = self.clone();
        let (id, now) = (WidgetId::generate(), self.clock.now());
        to_the_end(async move {
            let tx = this.db.begin().await?;
            if let Some(key) = key {
                let fingerprint = Fingerprint::of(&[Some(&new.title.0)]);
                let claim = key.claim(&tx, Some(owner), "createWidget", &fingerprint, id.0, now).await?;
                if let Claim::Repeated(earlier) = claim {
                    tx.rollback().await?;
                    return Ok(this.store.find(owner, WidgetId(earlier)).await?.into());
                }
            }
            let row =
                Model { id, owner_id: owner, title: new.title.0, version: 1, created_at: now, edited_at: None };
            WidgetsStore::insert(&tx, row.clone()).await?;
            this.commit(tx, WidgetChangeKind::Created, owner, id, Some(row.clone())).await?;
            Ok(row.into())
        })
        .await
    }

    pub async fn read(&self, owner: UserId, id: WidgetId) -> Result<Versioned, WidgetError> {
        let row = self.store.find(owner, id).await?;
        let version = row.version;
        Ok((row.into(), version))
    }

    /// Newest first.
    pub async fn list(
        &self,
        owner: UserId,
        page: PageQuery<WidgetId>,
    ) -> Result<Page<WidgetDto>, WidgetError> {
        let rows = self.store.list(owner, &page).await?;
        Ok(page.page(rows, |row| row.id, WidgetDto::from))
    }

    /// Only the version that the owner has seen.
    pub async fn edit(
        &self,
        owner: UserId,
        id: WidgetId,
        edit: WidgetEdit,
        seen: IfMatch,
    ) -> Result<Versioned, WidgetError> {
        let this = self.clone();
        to_the_end(async move {
            let tx = this.db.begin().await?;
            let before = WidgetsStore::lock(&tx, owner, id).await?;
            seen.check(before.version)?;
            let (version, edited_at) = (before.version + 1, Some(this.clock.now()));
            let after = Model { title: edit.title.0, version, edited_at, ..before };
            WidgetsStore::update(&tx, owner, after.clone()).await?;
            this.commit(tx, WidgetChangeKind::Edited, owner, id, Some(after.clone())).await?;
            Ok((after.into(), version))
        })
        .await
    }

    pub async fn delete(&self, owner: UserId, id: WidgetId, seen: IfMatch) -> Result<(), WidgetError> {
        let this = self.clone();
        to_the_end(async move {
            let tx = this.db.begin().await?;
            seen.check(WidgetsStore::lock(&tx, owner, id).await?.version)?;
            WidgetsStore::delete(&tx, owner, id).await?;
            this.commit(tx, WidgetChangeKind::Deleted, owner, id, None).await
        })
        .await
    }

    /// What happened after a place, in order.
    pub async fn changes(
        &self,
        owner: UserId,
        after: i64,
        limit: u64,
    ) -> Result<CatchUp<WidgetChangeDto>, WidgetError> {
        let (head, rows) = self.store.changes(stream_of(owner), after, limit).await?;
        let items = rows.into_iter().map(WidgetChangeDto::from).collect();
        Ok(CatchUp::new(after, head, items, |change| change.seq))
    }

    /// Reads what is pushed to whoever follows.
    pub fn source(&self) -> Arc<dyn StreamSource> {
        self.store.clone()
    }

    /// Numbers the change in the transaction that made it, and tells the followers once it is kept.
    async fn commit(
        &self,
        tx: Tx,
        kind: WidgetChangeKind,
        owner: UserId,
        id: WidgetId,
        now: Option<Model>,
    ) -> Result<(), WidgetError> {
        let slot = Streams::append(&tx, stream_of(owner), self.clock.now()).await?;
        WidgetsStore::record(&tx, &slot, kind, owner, id).await?;
        tx.commit().await?;
        let change = ChangeRow { seq: slot.seq, kind, at: slot.at, id, now };
        self.streams.committed(slot.stream, vec![pushed(change)]);
        Ok(())
    }
}

fn pushed(change: ChangeRow) -> Pushed {
    Pushed::of(change.seq, &WidgetChangeDto::from(change))
}

/// How the stream's task reads what it wasn't handed.
#[async_trait]
impl StreamSource for WidgetsStore {
    async fn pushed(&self, stream: StreamId, after: i64, limit: u64) -> Result<Vec<Pushed>, Problem> {
        let (_, rows) = self.changes(stream, after, limit).await?;
        Ok(rows.into_iter().map(pushed).collect())
    }
}

//! Looking after what is done in the background.

use uuid::Uuid;

use super::AdminService;
use crate::{
    guards::Caller,
    infra::{db::Tx, detached::to_the_end},
    jobs::{JobState, Letters},
    modules::admin::{
        dto::{JobDto, State},
        entity,
        error::AdminError,
        store::AdminStore,
    },
    wire::{Page, PageQuery, UserId},
};

impl AdminService {
    /// Newest first.
    pub async fn jobs(
        &self,
        state: Option<State>,
        kind: Option<String>,
        page: PageQuery<Uuid>,
    ) -> Result<Page<JobDto>, AdminError> {
        let rows = self.letters.list(state.map(Into::into), kind, page.after, page.limit + 1).await?;
        Ok(page.page(rows, |row| row.id, JobDto::from))
    }

    /// Makes a dead letter a job again.
    pub async fn retry_job(&self, actor: UserId, id: Uuid, caller: Caller) -> Result<(), AdminError> {
        let this = self.clone();
        to_the_end(async move {
            let tx = this.deps.db.begin().await?;
            let job = Letters::find(&tx, id).await?.ok_or(AdminError::NoSuchJob)?;
            if job.state != JobState::Dead || !Letters::revive(&tx, id).await? {
                return Err(AdminError::JobNotDead);
            }
            this.note(tx, actor, "job.retry", id, job.kind, &caller).await
        })
        .await
    }

    /// Throws a job away.
    pub async fn delete_job(&self, actor: UserId, id: Uuid, caller: Caller) -> Result<(), AdminError> {
        let this = self.clone();
        to_the_end(async move {
            let tx = this.deps.db.begin().await?;
            let job = Letters::find(&tx, id).await?.ok_or(AdminError::NoSuchJob)?;
            if !Letters::remove(&tx, id).await? {
                return Err(AdminError::JobRunning);
            }
            this.note(tx, actor, "job.delete", id, job.kind, &caller).await
        })
        .await
    }

    /// Writes the act into the audit, and commits both.
    async fn note(
        &self,
        tx: Tx,
        actor: UserId,
        action: &str,
        job: Uuid,
        kind: String,
        Caller { address, request_id, .. }: &Caller,
    ) -> Result<(), AdminError> {
        let entry = entity::Model {
            id: Uuid::now_v7(),
            at: self.deps.clock.now(),
            actor_id: Some(actor),
            action: action.to_owned(),
            subject_id: Some(UserId(job)),
            detail: kind,
            address: address.clone(),
            request_id: request_id.clone(),
        };
        AdminStore::record(&tx, entry).await?;
        Ok(tx.commit().await?)
    }
}

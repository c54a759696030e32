use std::sync::Arc;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use uuid::Uuid;

use super::Tag;
use crate::{
    guards::{Caller, Can},
    modules::admin::{
        dto::{JobDto, State},
        error::{JobNotDead, JobRunning},
        permissions::{ManageJobs, ReadJobs},
        service::AdminService,
    },
    problem::{Refusal, codes::NotFound},
    wire::{NoContent, Page, PageQuery, Reply},
};

/// Looking after jobs over REST.
pub struct JobsController {
    admin: Arc<AdminService>,
}

impl JobsController {
    pub fn new(admin: Arc<AdminService>) -> Self {
        Self { admin }
    }
}

#[OpenApi(tag = "Tag::Admin")]
impl JobsController {
    /// What is done in the background, newest first
    ///
    /// What is done is gone; what was given up stays (`state=dead`) until somebody tries it again or deletes it.
    #[oai(path = "/admin/jobs", method = "get", operation_id = "adminListJobs")]
    async fn list(
        &self,
        _who: Can<ReadJobs>,
        /// Only those in this state.
        state: Query<Option<State>>,
        /// Only those of this kind.
        #[oai(validator(min_length = 1, max_length = 100))]
        kind: Query<Option<String>>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<JobDto>>, Refusal> {
        let page = PageQuery::new(limit.0, cursor.0)?;
        Ok(Reply(self.admin.jobs(state.0, kind.0, page).await?))
    }

    /// Try a dead letter again
    ///
    /// As if it had just been ordered: at once, and as often as any other, without a deadline.
    #[oai(path = "/admin/jobs/:id/retry", method = "post", operation_id = "adminRetryJob")]
    async fn retry(
        &self,
        who: Can<ManageJobs>,
        /// The job.
        id: Path<Uuid>,
        caller: Caller,
    ) -> Result<NoContent, Refusal<(NotFound, JobNotDead)>> {
        self.admin.retry_job(who.user_id, id.0, caller).await?;
        Ok(NoContent)
    }

    /// Delete a job
    ///
    /// A dead letter, or one that nobody works on: it is never done then.
    #[oai(path = "/admin/jobs/:id", method = "delete", operation_id = "adminDeleteJob")]
    async fn delete(
        &self,
        who: Can<ManageJobs>,
        /// The job.
        id: Path<Uuid>,
        caller: Caller,
    ) -> Result<NoContent, Refusal<(NotFound, JobRunning)>> {
        self.admin.delete_job(who.user_id, id.0, caller).await?;
        Ok(NoContent)
    }
}

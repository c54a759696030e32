//! A job in its worker's hands.

use uuid::Uuid;

use super::store::Store;
use crate::{infra::db::Tx, problem::Problem};

/// One attempt at a job.
pub struct Turn {
    pub(super) id: Uuid,
    pub(super) fence: i64,
    pub(super) attempt: i32,
    /// Whether it is stored already that the job is done.
    pub(super) done: bool,
}

/// Why an attempt failed. The words are for administrators, and hold nothing that is secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It may go well another time.
    #[error("{0}")]
    Again(String),
    /// It never will.
    #[error("{0}")]
    Never(String),
    /// It isn't this worker's any more: another has claimed it, or somebody has thrown it away. Nothing was done.
    #[error("it was taken away")]
    Lost,
}

impl Turn {
    /// The job's, in all its attempts: outside services that heed such keys do for it only once what they are asked.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// From 1 on.
    pub fn attempt(&self) -> i32 {
        self.attempt
    }

    /// Stores with this transaction that the job is done, and commits both. Or neither, when the job isn't ours any
    /// more: so whatever the transaction has done is done once, whoever has begun how often.
    pub async fn commit(&mut self, tx: Tx) -> Result<(), Failure> {
        if !Store::finish_in(&tx, self.id, self.fence).await? {
            tx.rollback().await?;
            return Err(Failure::Lost);
        }
        tx.commit().await?;
        self.done = true;
        Ok(())
    }
}

/// What a service refuses or can't do now it may do another time.
impl<E: Into<Problem>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Again(error.into().to_string())
    }
}

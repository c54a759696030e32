//! Jobs as administrators see them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::store::jobs;

/// What becomes of a job at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    Waiting,
    Running,
    /// It was given up, and waits for somebody to look at it.
    Dead,
}

/// A job, without what is kept of it: that may be anybody's secret.
#[derive(Debug, Clone)]
pub struct JobRow {
    pub id: Uuid,
    pub kind: String,
    pub state: JobState,
    pub attempt: i32,
    pub created_at: DateTime<Utc>,
    pub run_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub deadline: Option<DateTime<Utc>>,
    pub error: Option<String>,
    pub dead_at: Option<DateTime<Utc>>,
}

impl From<jobs::Model> for JobRow {
    fn from(row: jobs::Model) -> Self {
        let jobs::Model {
            id,
            kind,
            attempt,
            created_at,
            run_at,
            due_at,
            deadline,
            error,
            dead_at,
            holder,
            ..
        } = row;
        let state = match (dead_at, holder) {
            (Some(_), _) => JobState::Dead,
            (None, Some(_)) => JobState::Running,
            (None, None) => JobState::Waiting,
        };
        Self { id, kind, state, attempt, created_at, run_at, due_at, deadline, error, dead_at }
    }
}

use poem_openapi::{Enum, Object};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    jobs::{JobRow, JobState},
    wire::Timestamp,
};

/// What becomes of a job at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize)]
#[oai(rename = "JobState", rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub enum State {
    Waiting,
    Running,
    /// It was given up: a dead letter.
    Dead,
}

/// A job, without what is kept of it: that may be somebody's secret.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "Job", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct JobDto {
    pub id: Uuid,
    /// What is to be done.
    pub kind: String,
    pub state: State,
    /// How often it was begun.
    pub attempt: i32,
    pub created_at: Timestamp,
    /// When it was meant to be done.
    pub run_at: Timestamp,
    /// When it is tried next; of one that is running, when others would take it over.
    pub due_at: Timestamp,
    /// It isn't begun after that.
    #[oai(nullable)]
    pub deadline: Option<Timestamp>,
    /// Why the last attempt failed.
    #[oai(nullable)]
    pub error: Option<String>,
    /// When it was given up.
    #[oai(nullable)]
    pub dead_at: Option<Timestamp>,
}

impl From<JobRow> for JobDto {
    fn from(row: JobRow) -> Self {
        let JobRow { id, kind, state, attempt, created_at, run_at, due_at, deadline, error, dead_at } = row;
        Self {
            id,
            kind,
            state: state.into(),
            attempt,
            created_at: created_at.into(),
            run_at: run_at.into(),
            due_at: due_at.into(),
            deadline: deadline.map(Into::into),
            error,
            dead_at: dead_at.map(Into::into),
        }
    }
}

impl From<JobState> for State {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Waiting => Self::Waiting,
            JobState::Running => Self::Running,
            JobState::Dead => Self::Dead,
        }
    }
}

impl From<State> for JobState {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Running => Self::Running,
            State::Dead => Self::Dead,
        }
    }
}

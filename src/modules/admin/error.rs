use sea_orm::DbErr;

use crate::problem::{Problem, codes};

crate::kinds! {
    OwnAccount = "E_OWN_ACCOUNT", 409, "One's own role and status are changed by others";
        cause: "An administrator tried to change the own role or status.";
        mend: "Ask another administrator, so that one always remains.";
    JobNotDead = "E_JOB_NOT_DEAD", 409, "The job isn't a dead letter";
        cause: "What waits or runs is done anyway.";
        mend: "List what was given up with `GET /admin/jobs?state=dead`.";
    JobRunning = "E_JOB_RUNNING", 409, "Somebody works on the job";
        cause: "A node has claimed it, and may have done it by the time that it would be deleted.";
        mend: "Look again in a moment: it is done then, or waits.";
}

/// What can go wrong with administering.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error("no such user")]
    NotFound,
    #[error("one's own account")]
    OwnAccount,
    #[error("no such job")]
    NoSuchJob,
    #[error("the job isn't a dead letter")]
    JobNotDead,
    #[error("somebody works on the job")]
    JobRunning,
    #[error("the actor is no administrator any more")]
    NoLongerAdmin,
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error(transparent)]
    Other(#[from] Problem),
}

impl From<AdminError> for Problem {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::NotFound => Self::not_found("user"),
            AdminError::OwnAccount => {
                Self::of::<OwnAccount>("Ask another administrator, so that one always remains.")
            }
            AdminError::NoSuchJob => Self::not_found("job"),
            AdminError::JobNotDead => Self::of::<JobNotDead>("It waits or runs, and will be done."),
            AdminError::JobRunning => Self::of::<JobRunning>("It may be done in a moment."),
            AdminError::NoLongerAdmin => Self::of::<codes::Forbidden>("Your role has just been changed."),
            AdminError::Database(error) => error.into(),
            AdminError::Other(problem) => problem,
        }
    }
}

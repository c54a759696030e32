use sea_orm::DbErr;

use crate::problem::{Problem, codes};

crate::kinds! {
    OwnAccount = "E_OWN_ACCOUNT", 409, "One's own role and status are changed by others";
        cause: "An administrator tried to change the own role or status.";
        mend: "Ask another administrator, so that one always remains.";
}

/// What can go wrong with administering.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error("no such user")]
    NotFound,
    #[error("one's own account")]
    OwnAccount,
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
            AdminError::NoLongerAdmin => Self::of::<codes::Forbidden>("Your role has just been changed."),
            AdminError::Database(error) => error.into(),
            AdminError::Other(problem) => problem,
        }
    }
}

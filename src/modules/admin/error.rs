use sea_orm::DbErr;

use crate::problem::{Code, Problem, codes};

pub const OWN_ACCOUNT: Code =
    Code::new("E_OWN_ACCOUNT", 409, "One's own role and status are changed by others");

pub const CODES: &[&Code] = &[&OWN_ACCOUNT];

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
                Self::new(&OWN_ACCOUNT, "Ask another administrator, so that one always remains.")
            }
            AdminError::NoLongerAdmin => Self::new(&codes::FORBIDDEN, "Your role has just been changed."),
            AdminError::Database(error) => error.into(),
            AdminError::Other(problem) => problem,
        }
    }
}

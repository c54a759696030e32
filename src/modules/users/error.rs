use sea_orm::DbErr;

use crate::problem::{Code, Problem};

pub const USERNAME_TAKEN: Code = Code::new("E_USERNAME_TAKEN", 409, "Somebody has this username");
pub const EMAIL_TAKEN: Code = Code::new("E_EMAIL_TAKEN", 409, "Somebody has this e-mail address");

pub const CODES: &[&Code] = &[&USERNAME_TAKEN, &EMAIL_TAKEN];

/// What can go wrong with accounts.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("no such user")]
    NotFound,
    #[error("the username is taken")]
    UsernameTaken,
    #[error("the e-mail address is taken")]
    EmailTaken,
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        match error {
            UserError::NotFound => Self::not_found("user"),
            UserError::UsernameTaken => Self::new(&USERNAME_TAKEN, "Choose another username."),
            UserError::EmailTaken => Self::new(&EMAIL_TAKEN, "Sign in instead, or use another address."),
            UserError::Database(error) => error.into(),
        }
    }
}

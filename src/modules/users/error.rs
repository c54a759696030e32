use sea_orm::DbErr;

use crate::problem::Problem;

crate::kinds! {
    UsernameTaken = "E_USERNAME_TAKEN", 409, "Somebody has this username";
        cause: "Usernames are unique, whatever their case.";
        mend: "Choose another username.";
    EmailTaken = "E_EMAIL_TAKEN", 409, "Somebody has this e-mail address";
        cause: "There is an account with this address already.";
        mend: "Sign in instead, or use another address.";
}

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
            UserError::UsernameTaken => Self::of::<UsernameTaken>("Choose another username."),
            UserError::EmailTaken => Self::of::<EmailTaken>("Sign in instead, or use another address."),
            UserError::Database(error) => error.into(),
        }
    }
}

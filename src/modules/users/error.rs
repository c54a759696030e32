use sea_orm::DbErr;

use crate::problem::Problem;

crate::kinds! {
    UsernameTaken = "E_USERNAME_TAKEN", 409, "Somebody has this username";
        cause: "Usernames are unique, whatever their case.";
        mend: "Choose another username.";
    EmailTaken = "E_EMAIL_TAKEN", 409, "Somebody has this e-mail address";
        cause: "There is an account with this address already.";
        mend: "Sign in instead, or use another address.";
    BlocksThemselves = "E_BLOCKS_THEMSELVES", 409, "Nobody can block themselves";
        cause: "The person to be blocked is the one who asks.";
        mend: "Name somebody else.";
    TooManyBlocked = "E_TOO_MANY_BLOCKED", 409, "No more people can be blocked";
        cause: "Somebody has blocked as many people as one may.";
        mend: "Take some blocks back first.";
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
    #[error("nobody can block themselves")]
    BlocksThemselves,
    #[error("no more than {most} can be blocked")]
    TooManyBlocked { most: u64 },
    #[error(transparent)]
    Other(#[from] Problem),
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        match error {
            UserError::NotFound => Self::not_found("user"),
            UserError::UsernameTaken => Self::of::<UsernameTaken>("Choose another username."),
            UserError::EmailTaken => Self::of::<EmailTaken>("Sign in instead, or use another address."),
            UserError::BlocksThemselves => Self::of::<BlocksThemselves>("Name somebody else."),
            UserError::TooManyBlocked { most } => {
                Self::of::<TooManyBlocked>(format!("Take some back first: {most} is the most."))
            }
            UserError::Other(problem) => problem,
            UserError::Database(error) => error.into(),
        }
    }
}

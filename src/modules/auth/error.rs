use sea_orm::DbErr;

use crate::{
    modules::users::UserError,
    problem::{Problem, codes},
};

crate::kinds! {
    CredentialsInvalid = "E_CREDENTIALS_INVALID", 401, "The login or the password is wrong";
        cause: "There is no such account, or the password is another one; the two look the same on purpose.";
        mend: "Check both and try again.";
    RefreshInvalid = "E_REFRESH_INVALID", 401, "The refresh token isn't valid";
        cause: "It isn't a refresh token of ours, or it has expired.";
        mend: "Sign in again.";
    RefreshReused = "E_REFRESH_REUSED", 401, "The refresh token had been used before";
        cause: "Every refresh token is good once. This one came again too late to be a repeat, so somebody else may hold it, and the session was ended.";
        mend: "Sign in again; keep one copy of the token and refresh from one place.";
    AccountSuspended = "E_ACCOUNT_SUSPENDED", 403, "The account is suspended";
        cause: "An administrator suspended it.";
        mend: "Ask an administrator.";
}

/// What can go wrong with signing in.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Unknown user and wrong password alike.
    #[error("wrong login or password")]
    Credentials,
    #[error("the account is suspended")]
    Suspended,
    #[error("not one of our refresh tokens")]
    RefreshInvalid,
    #[error("a refresh token was used again")]
    RefreshReused,
    #[error("the session has ended")]
    SessionEnded,
    #[error("no such session of this user")]
    NoSuchSession,
    #[error("the password is shorter than {0} characters")]
    PasswordShort(usize),
    #[error("too many passwords are being hashed")]
    Overloaded,
    #[error(transparent)]
    User(#[from] UserError),
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error(transparent)]
    Other(#[from] Problem),
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Credentials => Self::of::<CredentialsInvalid>("Check both and try again."),
            AuthError::Suspended => Self::of::<AccountSuspended>("Ask an administrator."),
            AuthError::RefreshInvalid => Self::of::<RefreshInvalid>("Sign in again."),
            AuthError::RefreshReused => Self::of::<RefreshReused>(
                "Somebody else may hold it, so the session was ended. Sign in again.",
            ),
            AuthError::SessionEnded => Self::of::<codes::SessionEnded>("Sign in again."),
            AuthError::NoSuchSession => Self::not_found("session"),
            AuthError::PasswordShort(least) => Self::invalid_field(
                "/password",
                "too_short",
                format!("must have at least {least} characters"),
            ),
            AuthError::Overloaded => {
                Self::of::<codes::Overloaded>("Too many people are signing in; try again shortly.")
                    .retry_after(2)
            }
            AuthError::User(error) => error.into(),
            AuthError::Database(error) => error.into(),
            AuthError::Other(problem) => problem,
        }
    }
}

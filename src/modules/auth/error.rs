use sea_orm::DbErr;

use crate::{
    modules::users::UserError,
    problem::{Code, Problem, codes},
};

pub const CREDENTIALS_INVALID: Code =
    Code::new("E_CREDENTIALS_INVALID", 401, "The login or the password is wrong");
pub const REFRESH_INVALID: Code = Code::new("E_REFRESH_INVALID", 401, "The refresh token isn't valid");
pub const REFRESH_REUSED: Code = Code::new("E_REFRESH_REUSED", 401, "The refresh token had been used before");
pub const ACCOUNT_SUSPENDED: Code = Code::new("E_ACCOUNT_SUSPENDED", 403, "The account is suspended");

pub const CODES: &[&Code] = &[&CREDENTIALS_INVALID, &REFRESH_INVALID, &REFRESH_REUSED, &ACCOUNT_SUSPENDED];

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
            AuthError::Credentials => Self::new(&CREDENTIALS_INVALID, "Check both and try again."),
            AuthError::Suspended => Self::new(&ACCOUNT_SUSPENDED, "Ask an administrator."),
            AuthError::RefreshInvalid => Self::new(&REFRESH_INVALID, "Sign in again."),
            AuthError::RefreshReused => Self::new(
                &REFRESH_REUSED,
                "Somebody else may hold it, so the session was ended. Sign in again.",
            ),
            AuthError::SessionEnded => Self::new(&codes::SESSION_ENDED, "Sign in again."),
            AuthError::NoSuchSession => Self::not_found("session"),
            AuthError::PasswordShort(least) => Self::invalid_field(
                "/password",
                "too_short",
                format!("must have at least {least} characters"),
            ),
            AuthError::Overloaded => {
                Self::new(&codes::OVERLOADED, "Too many people are signing in; try again shortly.")
                    .retry_after(2)
            }
            AuthError::User(error) => error.into(),
            AuthError::Database(error) => error.into(),
            AuthError::Other(problem) => problem,
        }
    }
}

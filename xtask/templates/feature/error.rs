use sea_orm::DbErr;

use crate::problem::Problem;

/// What can go wrong with ~widgets~.
#[derive(Debug, thiserror::Error)]
pub enum WidgetError {
    #[error("no such ~widget~")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error(transparent)]
    Other(#[from] Problem),
}

impl From<WidgetError> for Problem {
    fn from(error: WidgetError) -> Self {
        match error {
            WidgetError::NotFound => Self::not_found("~widget~"),
            WidgetError::Database(error) => error.into(),
            WidgetError::Other(problem) => problem,
        }
    }
}

use sea_orm::DbErr;

use crate::problem::{Code, Problem};

pub const NOT_THE_AUTHOR: Code = Code::new("E_NOT_THE_AUTHOR", 403, "Only its author may do this");

pub const CODES: &[&Code] = &[&NOT_THE_AUTHOR];

/// What can go wrong with posts.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error("no such post")]
    NotFound,
    #[error("somebody else wrote the post")]
    NotTheAuthor,
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error(transparent)]
    Other(#[from] Problem),
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::NotFound => Self::not_found("post"),
            PostError::NotTheAuthor => {
                Self::new(&NOT_THE_AUTHOR, "Posts are changed and deleted by who wrote them.")
            }
            PostError::Database(error) => error.into(),
            PostError::Other(problem) => problem,
        }
    }
}

use sea_orm::DbErr;

use crate::problem::Problem;

crate::kinds! {
    NotTheAuthor = "E_NOT_THE_AUTHOR", 403, "Only its author may do this";
        cause: "Somebody else wrote the post.";
        mend: "Offer changing and deleting only where `author.id` is the signed-in user.";
}

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
                Self::of::<NotTheAuthor>("Posts are changed and deleted by who wrote them.")
            }
            PostError::Database(error) => error.into(),
            PostError::Other(problem) => problem,
        }
    }
}

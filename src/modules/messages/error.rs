use sea_orm::DbErr;

use crate::problem::Problem;

crate::kinds! {
    NotTheOwner = "E_NOT_THE_OWNER", 403, "Only the conversation's owner may do this";
        cause: "Members are added, and others removed, by the owner of a group.";
        mend: "Ask the owner.";
    MessageIdTaken = "E_MESSAGE_ID_TAKEN", 409, "Another message has this id";
        cause: "The conversation holds a message of this messageId with another sender or other content.";
        mend: "Send it with a new messageId; the same one is for repeating the same message.";
    DirectIsFixed = "E_DIRECT_IS_FIXED", 409, "A direct conversation keeps its two members";
        cause: "Somebody was to be added to, or removed from, a conversation of two without a name.";
        mend: "Begin a group instead.";
}

/// What can go wrong with conversations.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// It doesn't exist, or the asker isn't a member: the same to them.
    #[error("no such conversation")]
    NotFound,
    #[error("no such member")]
    NoSuchMember,
    #[error("another message has this id")]
    IdTaken,
    #[error("the message that is replied to isn't in the conversation")]
    NoSuchReply,
    #[error("a direct conversation keeps its two members")]
    DirectIsFixed,
    #[error("only the owner may do this")]
    NotTheOwner,
    #[error("more members than a conversation may have")]
    TooManyMembers { most: usize },
    #[error("the mark is past the newest event")]
    PastTheHead(i64),
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error(transparent)]
    Other(#[from] Problem),
}

impl From<MessageError> for Problem {
    fn from(error: MessageError) -> Self {
        match error {
            MessageError::NotFound => Self::not_found("conversation"),
            MessageError::NoSuchMember => Self::not_found("member"),
            MessageError::IdTaken => Self::of::<MessageIdTaken>("Send it with a new messageId."),
            MessageError::NoSuchReply => {
                Self::invalid_field("/replyTo", "no_such_message", "must name a message of this conversation")
            }
            MessageError::DirectIsFixed => Self::of::<DirectIsFixed>("Begin a group instead."),
            MessageError::NotTheOwner => Self::of::<NotTheOwner>("Ask the owner."),
            MessageError::TooManyMembers { most } => Self::invalid_field(
                "/userIds",
                "too_many",
                format!("a conversation has at most {most} members"),
            ),
            MessageError::PastTheHead(head) => {
                Self::invalid_field("/seq", "too_large", format!("must be at most {head}, the newest event"))
            }
            MessageError::Database(error) => error.into(),
            MessageError::Other(problem) => problem,
        }
    }
}

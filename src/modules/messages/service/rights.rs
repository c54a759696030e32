//! Who may do what to a group.

use crate::modules::messages::{entity::MemberRole, error::MessageError};

/// What somebody wants to do to a group. Leaving is none of these: everybody may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Rename,
    /// Somebody new.
    Add,
    /// Somebody else, who has this role.
    Remove(MemberRole),
    /// What others have said; one's own everybody may.
    DeleteMessages,
    /// Make somebody an admin, a member, or the owner.
    SetRole,
}

impl MemberRole {
    /// |                  | owner | admin | member |
    /// |------------------|-------|-------|--------|
    /// | rename           | yes   | yes   | no     |
    /// | add              | yes   | yes   | no     |
    /// | remove a member  | yes   | yes   | no     |
    /// | remove an admin  | yes   | no    | no     |
    /// | delete messages  | yes   | yes   | no     |
    /// | set roles        | yes   | no    | no     |
    pub fn may(self, act: Act) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => !act.is_the_owners(),
            Self::Member => false,
        }
    }

    /// Says who may, when this role may not.
    pub fn must(self, act: Act) -> Result<(), MessageError> {
        match (self.may(act), act.is_the_owners()) {
            (true, _) => Ok(()),
            (false, true) => Err(MessageError::NotTheOwner),
            (false, false) => Err(MessageError::NotAnAdmin),
        }
    }
}

impl Act {
    fn is_the_owners(self) -> bool {
        matches!(self, Self::SetRole | Self::Remove(MemberRole::Owner | MemberRole::Admin))
    }
}

#[cfg(test)]
mod tests {
    use super::{Act::*, MemberRole::*, *};

    /// The acts that a role may do, of all.
    fn of(role: MemberRole) -> Vec<Act> {
        let all = [Rename, Add, DeleteMessages, Remove(Member), Remove(Admin), Remove(Owner), SetRole];
        all.into_iter().filter(|act| role.may(*act)).collect()
    }

    #[test]
    fn the_table_is_as_it_is_told() {
        assert_eq!(
            of(Owner),
            [Rename, Add, DeleteMessages, Remove(Member), Remove(Admin), Remove(Owner), SetRole]
        );
        assert_eq!(of(Admin), [Rename, Add, DeleteMessages, Remove(Member)]);
        assert_eq!(of(Member), []);
    }

    #[test]
    fn who_may_not_is_told_whom_to_ask() {
        assert!(Admin.must(Add).is_ok());
        assert!(matches!(Member.must(Add), Err(MessageError::NotAnAdmin)));
        assert!(matches!(Member.must(Remove(Owner)), Err(MessageError::NotTheOwner)));
        assert!(matches!(Admin.must(SetRole), Err(MessageError::NotTheOwner)));
    }
}

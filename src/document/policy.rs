//! Who may do what: every operation and socket event, its guard, and the roles that pass.

use serde_json::Value;

use super::operations_of;
use crate::{
    guards::{Guard, Public, Role, SignedIn},
    module::ModuleMeta,
    realtime::Namespace,
};

/// One line of the table.
pub struct Access {
    /// `GET /api/v1/posts`, or `EVENT sendMessage`.
    pub what: String,
    /// The operation's id, or the event's name.
    pub id: String,
    pub guard: String,
    /// Whether somebody who isn't signed in passes.
    pub anonymous: bool,
    pub roles: Vec<Role>,
}

/// What the API document and the events say.
///
/// # Panics
/// When an operation's permission is in no module's `permissions`: nobody could say who holds it.
pub fn accesses(document: &Value, modules: &[ModuleMeta], namespace: &Namespace) -> Vec<Access> {
    let operations = operations_of(document).map(|(path, method, operation)| {
        let text = |member: &str| operation[member].as_str().unwrap_or_default().to_owned();
        let guard = text("x-permission");
        Access {
            what: format!("{:<6} {path}", method.to_uppercase()),
            id: text("operationId"),
            anonymous: guard == Public::NAME,
            roles: roles(&guard, modules),
            guard,
        }
    });
    let events = namespace.events().map(|event| Access {
        what: format!("EVENT  {}", event.name),
        id: event.name.into(),
        guard: event.guard.into(),
        anonymous: false,
        roles: event.roles.into(),
    });
    operations.chain(events).collect()
}

fn roles(guard: &str, modules: &[ModuleMeta]) -> Vec<Role> {
    if guard == Public::NAME || guard == SignedIn::NAME {
        return SignedIn::ROLES.into();
    }
    let mut declared = modules.iter().flat_map(|module| &module.permissions);
    let permission = declared.find(|permission| permission.name == guard);
    permission
        .unwrap_or_else(|| panic!("{guard} guards an operation, and is in no module's `permissions`"))
        .roles
        .into()
}

/// As `rookery routes` prints it and `openapi/policy.txt` keeps it.
pub fn table(accesses: &[Access]) -> String {
    let wide =
        |cell: fn(&Access) -> &String| accesses.iter().map(|access| cell(access).len()).max().unwrap_or(0);
    let (what, id, guard) =
        (wide(|access| &access.what), wide(|access| &access.id), wide(|access| &access.guard));
    let line = |cells: [&str; 7]| {
        let [a, b, c, anonymous, roles @ ..] = cells;
        let [user, moderator, admin] = roles;
        let text =
            format!("{a:<what$}  {b:<id$}  {c:<guard$}  {anonymous:<9}  {user:<4}  {moderator:<9}  {admin}");
        text.trim_end().to_owned() + "\n"
    };
    let mut text = line(["what", "id", "guard", "anonymous", "user", "moderator", "admin"]);
    for access in accesses {
        let may = |passes: bool| if passes { "yes" } else { "no" };
        let holds = |role: Role| may(access.roles.contains(&role));
        let roles = [holds(Role::User), holds(Role::Moderator), holds(Role::Admin)];
        let [user, moderator, admin] = roles;
        text +=
            &line([&access.what, &access.id, &access.guard, may(access.anonymous), user, moderator, admin]);
    }
    text
}

//! The modules and what they use of each other, as a Mermaid diagram.

use crate::module::{ModuleMeta, Port};

/// A solid arrow is an import, a dashed one a port that `app.rs` has filled in.
pub fn graph(modules: &[ModuleMeta], ports: &[Port]) -> String {
    let mut text = String::from("graph TD\n");
    for ModuleMeta { name, purpose, .. } in modules {
        text += &format!("    {name}[\"<b>{name}</b><br/>{purpose}\"]\n");
    }
    for ModuleMeta { name, imports, .. } in modules {
        for import in *imports {
            text += &format!("    {name} --> {import}\n");
        }
    }
    for Port { asks, through, answers } in ports {
        text += &format!("    {asks} -. {through} .-> {answers}\n");
    }
    text
}

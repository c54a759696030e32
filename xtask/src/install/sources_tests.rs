use super::*;

const SECURITY: &str = "Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bookworm-security
Components: main";

const DEBIAN: &str = "Types: deb
# a snapshot
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg";

const VENDOR: &str =
    "deb [arch=amd64 signed-by=/usr/share/keyrings/vendor.gpg] https://apt.example.com bookworm main";

#[test]
fn the_deb822_source_of_a_container_is_followed() {
    let archives: Vec<Archive> = [SECURITY, DEBIAN].into_iter().filter_map(stanza).collect();
    let archive = distribution(&archives, "bookworm").expect("the second stanza offers it");
    assert_eq!(
        archive.sources_of("trixie"),
        "Types: deb-src\nURIs: http://deb.debian.org/debian\nSuites: trixie\nComponents: main\n\
         Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    );
}

#[test]
fn a_classic_line_is_followed_too() {
    let archive = line("deb http://mirror.example.org/debian/ bookworm main contrib # ours");
    let archives: Vec<Archive> = [line(VENDOR), archive].into_iter().flatten().collect();
    let archive = distribution(&archives, "bookworm").expect("both lines offer it");
    assert_eq!(
        archive.sources_of("trixie"),
        "Types: deb-src\nURIs: http://mirror.example.org/debian/\nSuites: trixie\nComponents: main\n"
    );
}

#[test]
fn the_key_of_a_classic_line_is_kept() {
    let archive = line(VENDOR).expect("it is a source");
    assert_eq!(archive.signed_by.as_deref(), Some("/usr/share/keyrings/vendor.gpg"));
    assert_eq!(archive.uris, "https://apt.example.com");
}

#[test]
fn a_key_inside_the_stanza_stays_whole() {
    let text = format!("{SECURITY}\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc");
    let archive = stanza(&text).expect("it is a source");
    assert!(
        archive
            .sources_of("trixie")
            .ends_with("Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n")
    );
}

#[test]
fn an_unusual_mirror_is_better_than_none() {
    let archives: Vec<Archive> =
        line("deb mirror+file:/etc/apt/mirrors.list bookworm main").into_iter().collect();
    assert!(distribution(&archives, "bookworm").is_some());
    assert!(distribution(&archives, "trixie").is_none());
}

#[test]
fn comments_sources_and_disabled_stanzas_are_no_binary_sources() {
    assert_eq!(line("# deb http://deb.debian.org/debian bookworm main"), None);
    assert_eq!(line("deb-src http://deb.debian.org/debian bookworm main"), None);
    assert_eq!(stanza(&format!("{DEBIAN}\nEnabled: no")), None);
}

#[test]
fn the_codename_is_read_with_and_without_quotes() {
    assert_eq!(codename("ID=debian\nVERSION_CODENAME=bookworm\n").as_deref(), Some("bookworm"));
    assert_eq!(codename("VERSION_CODENAME=\"trixie\"").as_deref(), Some("trixie"));
}

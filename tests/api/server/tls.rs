use std::sync::Arc;

use crate::support::{
    CertificateFiles, Held, Pair, Program, RawConnection, Settings, TestApp, TestDatabase, eventually,
    finished, tls, within,
};

const BOTH: [&str; 2] = ["h2", "http/1.1"];

#[tokio::test]
async fn over_tls_a_client_speaks_the_version_that_it_asks_for() {
    let pair = Pair::new();
    let files = CertificateFiles::of(&pair);
    let app = TestApp::with(|settings| files.set(settings)).await;
    for (offered, version) in [
        (&BOTH[..], hyper::Version::HTTP_2),
        (&["http/1.1"], hyper::Version::HTTP_11),
        (&[], hyper::Version::HTTP_11),
    ] {
        let connection = Held::secure(app.address, &[&pair.der], offered).await;
        let told = connection.get("/health/live").await;
        assert_eq!((told.status, told.version), (200, version), "{offered:?}");
    }
}

#[tokio::test]
async fn who_speaks_without_tls_isnt_answered() {
    let pair = Pair::new();
    let files = CertificateFiles::of(&pair);
    let app = TestApp::with(|settings| files.set(settings)).await;
    let mut plain = app.raw().await;
    plain.write("GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(!plain.read_to_end().await.contains("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_new_connections_while_old_ones_go_on() {
    let (first, second) = (Pair::new(), Pair::new());
    let trusted = [&first.der, &second.der];
    let files = CertificateFiles::of(&first);
    let app = TestApp::with(|settings| files.set(settings)).await;
    let old = [
        Held::secure(app.address, &trusted, &BOTH).await,
        Held::secure(app.address, &trusted, &["http/1.1"]).await,
    ];
    files.write(&second.certificate, &second.key);
    eventually(async || {
        let new = Held::secure(app.address, &trusted, &BOTH).await;
        assert_eq!(new.get("/health/live").await.status, 200);
        (new.certificate == Some(second.der.clone())).then_some(())
    })
    .await;
    for old in old {
        assert_eq!(old.certificate, Some(first.der.clone()));
        assert_eq!(old.get("/health/live").await.status, 200);
    }
}

#[tokio::test]
async fn a_pair_that_cant_be_used_is_told_and_the_one_before_stays() {
    const STAYS: &str = "the certificate before stays in use";
    let (first, second) = (Pair::new(), Pair::new());
    let files = CertificateFiles::of(&first);
    let database = Arc::new(TestDatabase::create().await);
    let mut settings = Settings::of_tests();
    settings.set("DATABASE_URL", database.url()).set("LOG_FORMAT", "bunyan");
    files.set(&mut settings);
    let program = Program::serve(&settings).await;
    let shown = async || {
        let trusted = [&first.der, &second.der];
        Held::secure(program.address, &trusted, &BOTH).await.certificate.expect("one is shown")
    };

    // The new certificate with the old key, as when only one of them was copied.
    files.write(&second.certificate, &first.key);
    eventually(async || program.has_said(STAYS).then_some(())).await;
    assert_eq!(shown().await, first.der);
    files.write(&second.certificate, &second.key);
    eventually(async || (shown().await == second.der).then_some(())).await;
    let log = program.kill().await;
    assert!(log.contains("isn't the one that the certificate in TLS_CERT is for"), "{log}");
}

#[tokio::test]
async fn files_that_cant_be_used_stop_the_start() {
    let (good, other) = (Pair::new(), Pair::new());
    let (expired, early) = (Pair::valid(2000, 2001), Pair::valid(4000, 4096));
    let nonsense = "-----BEGIN NONSENSE-----\n-----END NONSENSE-----\n";
    for (certificate, key, told) in [
        (&*good.certificate, &*other.key, "the key in TLS_KEY isn't the one"),
        (&expired.certificate, &expired.key, "expired at 2001-01-01"),
        (&early.certificate, &early.key, "isn't valid before 4000-01-01"),
        (nonsense, &good.key, "holds no certificate in PEM"),
        (&good.key, &good.key, "holds no certificate in PEM"),
        (&good.certificate, "", "holds no private key in PEM"),
    ] {
        let files = CertificateFiles::of(&good);
        files.write(certificate, key);
        let said = refused(&files, |_| {}).await;
        assert!(said.contains(told) && said.trim().lines().count() == 1, "{told}: {said}");
        assert!(!said.contains("PRIVATE"), "{said}");
    }
    let files = CertificateFiles::of(&good);
    let said = refused(&files, |settings| _ = settings.set("TLS_KEY", "/nowhere/key.pem")).await;
    assert!(said.contains("TLS_KEY: /nowhere/key.pem can't be read"), "{said}");
    for name in ["TLS_CERT", "TLS_KEY"] {
        let said = refused(&files, |settings| _ = settings.unset(name)).await;
        assert!(said.contains(&format!("{name}: got nothing; wants the PEM file")), "{said}");
    }
}

/// What a start with these files says, which has to fail.
async fn refused(files: &CertificateFiles, change: impl FnOnce(&mut Settings)) -> String {
    let database = TestDatabase::create().await;
    let mut settings = Settings::of_tests();
    settings.set("DATABASE_URL", database.url()).set("LOG_LEVEL", "error");
    files.set(&mut settings);
    change(&mut settings);
    let output = finished(&["serve"], &settings).await;
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn whoever_says_nothing_is_hung_up_on() {
    let pair = Pair::new();
    let files = CertificateFiles::of(&pair);
    let app = TestApp::with(|settings| {
        files.set(settings);
        settings.set("HEADER_TIMEOUT_SECS", 1);
    })
    .await;
    // No word at all; a handshake that stops in its first message; none after the handshake; a request, and
    // nothing more.
    app.raw().await.read_to_end().await;
    let mut begun = app.raw().await;
    begun.write("\x16\x03\x01\x02\x00\x01").await;
    begun.read_to_end().await;
    for offered in BOTH {
        let shaken = tls(app.address, &[&pair.der], &[offered]).await.expect("it shakes hands");
        RawConnection::over(shaken).read_to_end().await;
        let served = Held::secure(app.address, &[&pair.der], &[offered]).await;
        assert_eq!(served.get("/health/live").await.status, 200);
        served.ended().await;
    }
}

#[tokio::test]
async fn a_handshake_that_takes_its_time_holds_nobody_up() {
    let pair = Pair::new();
    let files = CertificateFiles::of(&pair);
    let app = TestApp::with(|settings| files.set(settings)).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(app.raw().await);
    }
    let connection = Held::secure(app.address, &[&pair.der], &BOTH).await;
    assert_eq!(connection.get("/health/live").await.status, 200);
    // Nor does it hold up the end.
    within("the server to stop", tokio::task::spawn_blocking(|| app.stop())).await.expect("it stops");
    drop(silent);
}

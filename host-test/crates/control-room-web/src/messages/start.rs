//! Why the pages cannot be served, for the operator.

bot_engine::messages! {
    needs_tls(address) {
        en: "{address} can be reached from other machines, and is served with TLS only",
        de: "{address} ist von anderen Rechnern aus zu erreichen und wird nur mit TLS bedient",
    }
    cannot_listen(address, error) {
        en: "cannot listen on {address}: {error}",
        de: "{address} lässt sich nicht belegen: {error}",
    }
    no_random_bytes(error) {
        en: "the system provides no random bytes: {error}",
        de: "das System liefert keine Zufallszahlen: {error}",
    }
    tls_unreadable(path, error) {
        en: "{path} cannot be read: {error}",
        de: "{path} lässt sich nicht lesen: {error}",
    }
    tls_too_large(path, mib) {
        en: "{path} is larger than {mib} MiB",
        de: "{path} ist größer als {mib} MiB",
    }
    no_certificate(path) { en: "{path} has no certificate in PEM", de: "{path} enthält kein Zertifikat in PEM" }
    no_private_key(path) {
        en: "{path} has no private key in PEM",
        de: "{path} enthält keinen privaten Schlüssel in PEM",
    }
    tls_unusable(error) {
        en: "this certificate and this key cannot be used: {error}",
        de: "dieses Zertifikat und dieser Schlüssel sind nicht zu verwenden: {error}",
    }
}

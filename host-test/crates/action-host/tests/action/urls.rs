//! Which environments are accepted, and which are refused before a byte is sent.

use action_host::oauth::{OauthError, Session};

use crate::component::{Build, test_both_builds};
use crate::embedded::{Embedded, connection};
use crate::outcome::of_error;
use crate::scripted::credentials;

test_both_builds![
    every_spelling_of_a_region_reaches_its_hosts,
    an_address_that_is_not_of_genesys_is_refused_and_nothing_is_sent,
];

/// The code of a reason, and its words.
type Reason = (&'static str, &'static str);

const NOT_GENESYS: Reason = (
    "not-genesys",
    "this is not an address of Genesys Cloud; enter one such as \
                           https://apps.mypurecloud.de, or a region such as eu-central-1",
);
const UNKNOWN_REGION: Reason = (
    "unknown-region",
    "there is no such region; the regions are us-east-1, us-east-2, us-west-2, ca-central-1, mx-central-1, sa-east-1, \
     eu-west-1, eu-west-2, eu-central-1, eu-central-2, me-central-1, ap-south-1, ap-southeast-1, ap-southeast-2, \
     ap-northeast-1, ap-northeast-2, ap-northeast-3, eusc-de-east-1",
);
const NOT_HTTPS: Reason = (
    "not-https",
    "the address must begin with https:// or with the host name",
);
const USER_INFO: Reason = (
    "user-info",
    "the address must not contain a user name and @",
);
const PORT: Reason = ("port", "the address must not contain a port");
const IP_ADDRESS: Reason = ("ip-address", "the address must not be an IP address");
const NOT_ASCII: Reason = ("not-ascii", "the host name has letters of another alphabet");
const CONTROL: Reason = (
    "control-characters",
    "the text contains a control character or an invisible one (U+",
);
const EMPTY: Reason = ("empty", "the field is empty");
const TOO_LONG: Reason = ("too-long", "the text is too long");

const REFUSED: [(&str, Reason); 40] = [
    ("", EMPTY),
    (" \t\r\n\u{a0}", EMPTY),
    ("http://login.mypurecloud.de", NOT_HTTPS),
    ("ftp://login.mypurecloud.de", NOT_HTTPS),
    ("file:///etc/passwd", NOT_HTTPS),
    ("javascript://login.mypurecloud.de/%0aalert(1)", NOT_HTTPS),
    ("https://login.mypurecloud.de@evil.example", USER_INFO),
    ("https://user:password@login.mypurecloud.de", USER_INFO),
    ("https://evil.example\\@login.mypurecloud.de/", USER_INFO),
    ("https://login.mypurecloud.de:8443", PORT),
    ("login.mypurecloud.de:443", PORT),
    ("https://https://login.mypurecloud.de", NOT_HTTPS),
    ("127.0.0.1", IP_ADDRESS),
    ("https://10.0.0.1:443/", IP_ADDRESS),
    ("https://[::1]/", IP_ADDRESS),
    ("::ffff:10.0.0.1", IP_ADDRESS),
    ("0x7f.1", IP_ADDRESS),
    ("2130706433", IP_ADDRESS),
    ("ｌｏｇｉｎ.mypurecloud.de", NOT_ASCII),
    ("login.mypurecloud。de", NOT_ASCII),
    ("login.mypureсloud.de", NOT_ASCII),
    ("login.xn--mypurecoud-7ib.de", NOT_GENESYS),
    ("login.xn--abc.pure.cloud", NOT_GENESYS),
    ("mypurecloud.de.evil.example", NOT_GENESYS),
    ("https://login.mypurecloud.de.evil.example/", NOT_GENESYS),
    ("evil-mypurecloud.de", NOT_GENESYS),
    ("login.evil-mypurecloud.de", NOT_GENESYS),
    ("evil.mypurecloud.de", NOT_GENESYS),
    ("a.b.pure.cloud", NOT_GENESYS),
    ("pure.cloud", NOT_GENESYS),
    ("login.pure.cloud", NOT_GENESYS),
    ("login.mypurecloud.de.", NOT_GENESYS),
    ("https://evil.example/login.mypurecloud.de", NOT_GENESYS),
    ("https://evil.example#login.mypurecloud.de", NOT_GENESYS),
    ("https://evil.example?login.mypurecloud.de", NOT_GENESYS),
    ("localhost", NOT_GENESYS),
    ("eu-central-9", UNKNOWN_REGION),
    ("login.mypurecloud.de\r\nHost: evil.example", CONTROL),
    ("https://apps.my\0purecloud.de", CONTROL),
    ("https://apps.mypurecloud.de/\u{1b}[31m", CONTROL),
];

async fn every_spelling_of_a_region_reaches_its_hosts(build: Build) {
    let fixture = Embedded::start(build).await;
    for (region, domain) in [
        ("eu-central-1", "mypurecloud.de"),
        ("us-east-2", "use2.us-gov-pure.cloud"),
        ("ap-southeast-2", "mypurecloud.com.au"),
        ("eusc-de-east-1", "edee1.eusc-pure.cloud"),
    ] {
        let client = fixture.add_client_of(domain);
        let mut spellings = vec![region.to_owned(), domain.to_owned()];
        for host in ["login", "api", "apps"] {
            spellings.extend([
                format!("{host}.{domain}"),
                format!("{host}.{domain}/"),
                format!("https://{host}.{domain}"),
                format!("https://{host}.{domain}/"),
                format!("https://{host}.{domain}/directory/#/engage?next=http://evil.example"),
            ]);
        }
        for spelling in spellings {
            for url in [
                spelling.clone(),
                spelling.to_uppercase(),
                format!(" \t{spelling}\u{a0}\n"),
            ] {
                let session = fixture.open_at(&url, &client).await;
                let session = session.unwrap_or_else(|error| panic!("{url:?}: {error:?}"));
                assert_eq!(session.api_url, format!("https://api.{domain}"), "{url:?}");
            }
        }
        // A session is valid at the API that it names.
        let session = fixture.open_at(region, &client).await.unwrap();
        assert!(fixture.is_alive(&session).await, "{region}");
    }
}

async fn an_address_that_is_not_of_genesys_is_refused_and_nothing_is_sent(build: Build) {
    let fixture = Embedded::start(build).await;
    let too_long = format!("https://apps.mypurecloud.de/{}", "a".repeat(2048));
    let long_label = format!("{}.pure.cloud", "a".repeat(64));
    let refused = REFUSED
        .into_iter()
        .chain([(&*too_long, TOO_LONG), (&*long_label, NOT_GENESYS)]);
    let session = Session {
        name: "Default".into(),
        token: "t0ken".into(),
        token_type: "Bearer".into(),
        expires_in: None,
        api_url: "https://api.mypurecloud.de".into(),
    };
    for (url, (code, words)) in refused {
        for authentication in [credentials(url, "id", "secret"), connection(url, &session)] {
            let error = fixture.refused_unsent(&authentication, "Default").await;
            let OauthError::InvalidInput(input) = &error else {
                panic!("{url:?}: {}", of_error(&error));
            };
            assert_eq!((&*input.field, &*input.code), ("url", code), "{url:?}");
            assert!(input.reason.starts_with(words), "{url:?}: {}", input.reason);
        }
    }
}

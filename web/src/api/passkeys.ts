// Passkeys: what the server asks, put to the browser, and the browser's answer.
import { account } from "./account";
import { ApiError } from "./client";

interface Asked<Options> {
  [name: string]: { publicKey: Options };
}

/** Whether this browser can use passkeys. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
}

async function prove(asks: string, answers: string): Promise<void> {
  const { data } = await account<Asked<PublicKeyCredentialRequestOptionsJSON>>("GET", asks);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(data.request_options!.publicKey);
  await account("POST", answers, { credential: json(await asked(() => navigator.credentials.get({ publicKey }))) });
}

/** Log in with a passkey alone. */
export const logInWithPasskey = (): Promise<void> => prove("/auth/webauthn/login", "/auth/webauthn/login");

/** The second step of a log-in, with a passkey. */
export const proveWithPasskey = (): Promise<void> => prove("/auth/webauthn/authenticate", "/auth/webauthn/authenticate");

/** Make a passkey for the account, under a name. */
export async function addPasskey(name: string): Promise<void> {
  const { data } = await account<Asked<PublicKeyCredentialCreationOptionsJSON>>("GET", "/account/authenticators/webauthn");
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(data.creation_options!.publicKey);
  await account("POST", "/account/authenticators/webauthn", { name, credential: json(await asked(() => navigator.credentials.create({ publicKey }))) });
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await ask();
    if (credential instanceof PublicKeyCredential) return credential;
  } catch {
    // Cancelled, or nothing fits; browsers do not tell which.
  }
  throw new ApiError(0, "passkey", "No passkey", "The browser gave no passkey. Try again, or go on with a password.");
}

function json(credential: PublicKeyCredential): unknown {
  return credential.toJSON();
}

// One's own account: name, password, second factor, passkeys, and where one is logged in. The same in every brand.
import { PasswordPart } from "./account/PasswordPart";
import { PasskeysPart } from "./account/PasskeysPart";
import { ProofProvider } from "./account/Proof";
import { SecondFactorPart } from "./account/SecondFactorPart";
import { SessionsPart } from "./account/SessionsPart";
import { YouPart } from "./account/YouPart";
import { SettingsPage } from "./SettingsPage";

export function AccountSettings() {
  return (
    <ProofProvider>
      <SettingsPage title="My account" description="Yours alone, and the same in every brand.">
        <YouPart />
        <PasswordPart />
        <SecondFactorPart />
        <PasskeysPart />
        <SessionsPart />
      </SettingsPage>
    </ProofProvider>
  );
}

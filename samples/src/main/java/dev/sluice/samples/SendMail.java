package dev.sluice.samples;

import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncStreams;
import dev.sluice.tls.TlsOptions;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Sends what comes in on its standard input as a mail, over a connection that is made secure by STARTTLS. */
public final class SendMail {
    private final AsyncConnection connection;

    public static void main(String[] arguments) throws IOException {
        TlsOptions.Builder tls = TlsOptions.builder();
        if (arguments.length > 4) {
            tls.trust(Path.of(arguments[4]));
        }
        try (AsyncConnection connection = AsyncStreams.openConnection(arguments[0], Integer.parseInt(arguments[1]))
                .join()) {
            SendMail smtp = new SendMail(connection);
            smtp.reply("220");
            smtp.say("EHLO localhost", "250");
            smtp.say("STARTTLS", "220");
            // Verifies the host that was connected to. Whatever somebody has slipped in behind the 220 makes it fail.
            connection.startTls(tls.build()).join();
            smtp.say("EHLO localhost", "250");
            smtp.say("MAIL FROM:<" + arguments[2] + ">", "250");
            smtp.say("RCPT TO:<" + arguments[3] + ">", "250");
            smtp.say("DATA", "354");
            BufferedReader mail = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = mail.readLine(); line != null; line = mail.readLine()) {
                smtp.sendLine(line);
            }
            System.out.println(smtp.say(".", "250"));
            smtp.say("QUIT", "221");
        }
    }

    private SendMail(AsyncConnection connection) {
        this.connection = connection;
    }

    private String say(String command, String expected) throws IOException {
        connection.writer().write(command + "\r\n");
        return reply(expected);
    }

    /** A line of a mail. One that begins with a dot gets another one, or the mail could end there. */
    private void sendLine(String line) {
        connection.writer().write((line.startsWith(".") ? "." : "") + line + "\r\n");
        connection.writer().drain().join();
    }

    /** Of its lines all but the last one have a hyphen behind the code. */
    private String reply(String expected) throws IOException {
        while (true) {
            String line = connection.reader().readLine().join();
            if (line == null) {
                throw new EOFException("the server has gone");
            }
            if (!line.startsWith(expected)) {
                throw new IOException("the server says " + line);
            }
            if (!line.startsWith(expected + "-")) {
                return line;
            }
        }
    }
}
